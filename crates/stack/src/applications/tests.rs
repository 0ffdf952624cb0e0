use super::*;

#[test]
fn every_built_in_entry_point_has_a_recipe_that_its_command_fits() {
    let applications = Applications::built_in();
    let mut seen = 0;
    for application in applications.names() {
        for version in applications.versions(application) {
            for name in applications.entrypoints(application, version) {
                let entry_point = applications.entrypoint(application, version, name);
                let entry_point = entry_point.unwrap();
                let (command, recipe) = (entry_point.command(), entry_point.recipe().unwrap());
                let reads = recipe.reads.iter().map(|read| &read.argument);
                let writes = recipe.writes.iter().map(|write| &write.argument);
                for argument in reads.chain(writes) {
                    assert!(
                        command.contains(&format!("{argument}=")),
                        "{name}: {argument}"
                    );
                }
                seen += 1;
            }
        }
    }
    assert_eq!((seen, applications.recipes.len()), (4, 4));
}

const OWN: &str = "
mine:
  v1:
    count:
      app: { cmd: ['count', '--in=$(ls /files/data/*.txt | head -n 1)', '--out=/files/output'], env: [] }
      handler:
        files_down: { config_id: config, data_ids: data, artifact_ids: artifact }
        files_up: { output: output }
      container:
        reads: [{ argument: --in, name: text }]
        writes: [{ argument: --out, file: count.txt, content: { text: '3' } }]
";

#[test]
fn a_configuration_may_bring_containers_along_which_no_page_sees() {
    let own = Applications::parse(OWN).unwrap();
    assert_eq!(own.names(), ["mine"]);
    let entry_point = own.entrypoint("mine", "v1", "count").unwrap();
    let recipe = entry_point.recipe().unwrap();
    assert_eq!(recipe.writes[0].content, Content::Text("3".into()));
    let shown = &own.as_json()["mine"]["v1"]["count"];
    assert_eq!(keys(shown), ["app", "handler"]);
}

#[test]
fn an_unsound_configuration_is_refused_in_a_line_with_its_place() {
    for (from, to, problem) in [
        ("mine:", "- mine:", "it is not a mapping"),
        (
            "cmd:",
            "command:",
            "mine v1 count: app.cmd is not a list of texts",
        ),
        (
            "env: []",
            "env: [1]",
            "mine v1 count: app.env is not a list of texts",
        ),
        (
            "files_up: { output: output }",
            "files_up: []",
            "handler.files_up is not a mapping",
        ),
        (
            "reads:",
            "inputs:",
            "mine v1 count, container: unknown field `inputs`",
        ),
        (
            "{ text: '3' }",
            "{ base64: '?' }",
            "container: Invalid symbol",
        ),
        (
            "{ text: '3' }",
            "{ code: x }",
            "container: unknown variant `code`",
        ),
    ] {
        assert!(OWN.contains(from), "{from}");
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config.yaml");
        std::fs::write(&path, OWN.replacen(from, to, 1)).unwrap();
        let error = format!("{:#}", Applications::read(&path).unwrap_err());
        assert!(
            error.contains("config.yaml is not a configuration of applications: "),
            "{error}"
        );
        assert!(error.contains(problem), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    let missing = Applications::read(Path::new("/no/such/file")).unwrap_err();
    assert!(
        format!("{missing:#}").contains("No such file"),
        "{missing:#}"
    );
}
