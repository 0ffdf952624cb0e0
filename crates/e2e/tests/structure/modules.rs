//! Which module of a crate knows which other, read from its code.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use petgraph::{
    algo::tarjan_scc,
    graph::{DiGraph, NodeIndex},
};
use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, File, Item, UseTree,
    visit::{self, Visit},
};

/// The modules of a crate.
pub(crate) struct Crate {
    root: PathBuf,
    modules: Vec<Module>,
}

/// A module: a file.
struct Module {
    path: PathBuf,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// What `use` brings in: each name with its path.
    imports: Vec<(String, Vec<String>)>,
    /// All paths of its code.
    paths: BTreeSet<Vec<String>>,
}

impl Crate {
    /// Reads the file `root` and every module below it.
    pub(crate) fn read(root: &Path) -> Self {
        let mut this = Self {
            root: root.parent().unwrap().to_owned(),
            modules: Vec::new(),
        };
        this.add(root, &this.root.clone(), None);
        this
    }

    /// Adds the module in `path`, whose children lie in `folder`.
    fn add(&mut self, path: &Path, folder: &Path, parent: Option<usize>) -> usize {
        let text =
            fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file: File =
            syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut code = Code::default();
        code.visit_file(&file);
        let index = self.modules.len();
        self.modules.push(Module {
            path: path.to_owned(),
            parent,
            children: BTreeMap::new(),
            imports: code.imports,
            paths: code.paths,
        });
        for name in code.children {
            let beside = folder.join(format!("{name}.rs"));
            let within = folder.join(&name).join("mod.rs");
            let path = if beside.exists() { beside } else { within };
            let child = self.add(&path, &folder.join(&name), Some(index));
            self.modules[index].children.insert(name, child);
        }
        index
    }

    /// The files of its modules.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.modules.iter().map(|module| module.path.as_path())
    }

    /// The module that defines what `path` leads to from the module `from`, if it is of this crate.
    fn definer(&self, from: usize, path: &[String], depth: usize) -> Option<usize> {
        let (first, rest) = path.split_first()?;
        let module = &self.modules[from];
        let (mut at, mut rest) = match first.as_str() {
            "crate" => (0, rest),
            "self" => (from, rest),
            "super" => (module.parent?, rest),
            name => (*module.children.get(name)?, rest),
        };
        while let Some((name, more)) = rest.split_first() {
            let module = &self.modules[at];
            let next = if name == "super" {
                module.parent
            } else {
                module.children.get(name).copied()
            };
            let Some(next) = next else { break };
            (at, rest) = (next, more);
        }
        // A name that the module has from elsewhere is not its own.
        if let Some(name) = rest.first().filter(|_| depth < 8) {
            let imports = self.modules[at].imports.iter();
            let elsewhere = imports
                .filter(|(known, _)| known == name)
                .find_map(|(_, path)| self.definer(at, path, depth + 1));
            return elsewhere.or(Some(at));
        }
        Some(at)
    }

    /// The groups of modules that know one another, each as the names of its files.
    pub(crate) fn circles(&self) -> Vec<String> {
        let mut known = BTreeSet::new();
        for (from, module) in self.modules.iter().enumerate() {
            let definers = module.paths.iter();
            let definers = definers.filter_map(|path| self.definer(from, path, 0));
            known.extend(definers.filter(|to| *to != from).map(|to| (from, to)));
        }
        let pairs = known.iter().map(|&(from, to)| (index(from), index(to)));
        let graph = DiGraph::<(), (), usize>::from_edges(pairs);
        let groups = tarjan_scc(&graph)
            .into_iter()
            .filter(|group| group.len() > 1);
        let mut circles: Vec<_> = groups
            .map(|group| {
                let mut names: Vec<_> = group.iter().map(|at| self.name(at.index())).collect();
                names.sort();
                names.join(", ")
            })
            .collect();
        circles.sort();
        circles
    }

    fn name(&self, index: usize) -> String {
        let path = &self.modules[index].path;
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        path.display().to_string()
    }
}

fn index(at: usize) -> NodeIndex<usize> {
    NodeIndex::new(at)
}

/// What is read of a file.
#[derive(Default)]
struct Code {
    children: Vec<String>,
    imports: Vec<(String, Vec<String>)>,
    paths: BTreeSet<Vec<String>>,
}

impl Code {
    fn take_use(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.take_use(&path.tree, &with(&path.ident)),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.take_use(tree, before);
                }
            }
            UseTree::Name(name) if name.ident == "self" => self.take_import(before, None),
            UseTree::Name(name) => self.take_import(&with(&name.ident), None),
            UseTree::Rename(rename) => {
                let path = if rename.ident == "self" {
                    before.to_vec()
                } else {
                    with(&rename.ident)
                };
                self.take_import(&path, Some(rename.rename.to_string()));
            }
            UseTree::Glob(_) => drop(self.paths.insert(before.to_vec())),
        }
    }

    fn take_import(&mut self, path: &[String], name: Option<String>) {
        if let Some(name) = name.or_else(|| path.last().cloned()) {
            self.imports.push((name, path.to_vec()));
        }
        self.paths.insert(path.to_vec());
    }

    /// Macros hold tokens that nobody has parsed yet.
    fn take_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if path.is_empty() || colons == 2 => {
                    path.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && colons < 2 => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => {
                    self.take_tokens(group.stream());
                    self.end_path(&mut path);
                }
                TokenTree::Ident(ident) => {
                    self.end_path(&mut path);
                    path.push(ident.to_string());
                }
                _ => self.end_path(&mut path),
            }
            colons = 0;
        }
        self.end_path(&mut path);
    }

    fn end_path(&mut self, path: &mut Vec<String>) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.paths.insert(path);
        }
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_cfg = attribute.path().is_ident("cfg");
        let words = match &attribute.meta {
            syn::Meta::List(list) => list.tokens.to_string(),
            _ => String::new(),
        };
        is_cfg
            && words
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| word == "test")
    })
}

impl<'ast> Visit<'ast> for Code {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(module) if is_for_tests(&module.attrs) => {}
            Item::Use(using) if is_for_tests(&using.attrs) => {}
            Item::Fn(function) if is_for_tests(&function.attrs) => {}
            Item::Impl(block) if is_for_tests(&block.attrs) => {}
            Item::Mod(module) if module.content.is_none() => {
                self.children.push(module.ident.to_string());
            }
            Item::Use(using) => self.take_use(&using.tree, &[]),
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        let names: Vec<_> = names.collect();
        if names.len() > 1 {
            self.paths.insert(names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invoked: &'ast syn::Macro) {
        self.take_tokens(invoked.tokens.clone());
    }
}
