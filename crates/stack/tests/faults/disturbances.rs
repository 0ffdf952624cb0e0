//! A job succeeds under each disturbance.

use opencloud_stack::{Disturbance, JobStatus, config::FileMode};

use crate::{
    faults::bench::Bench,
    support::session::{PARAMETERS, job, states, wait_for},
};

/// These answer a request once with an error, which a client has to repeat.
fn is_a_single_failure(disturbance: Disturbance) -> bool {
    disturbance.name().starts_with("one-")
}

/// These drop answers all the time.
const DROPPING: [Disturbance; 2] = [Disturbance::DroppedConnections, Disturbance::BusyServices];

#[tokio::test(flavor = "multi_thread")]
async fn a_job_succeeds_under_each() {
    for disturbance in Disturbance::ALL
        .iter()
        .filter(|d| !(is_a_single_failure(**d) || DROPPING.contains(d)))
    {
        let mode = disturbance.only_in().unwrap_or(FileMode::S3);
        let b = Bench::start(mode, &[], &[*disturbance]).await;
        let user = b.user().await;
        for (directory, name, content) in [
            ("config/exp", "param_run_in.yaml", PARAMETERS),
            ("data/exp", "spline_calibration_3dcal.mat", b"MATLAB 5.0"),
        ] {
            let status = user.upload(directory, name, content).await.status;
            assert_eq!(status / 100, 2, "{disturbance}");
        }
        let id = user.submit(&job("run")).await;
        wait_for(&b.stack, |c| {
            states(c, "run").last() == Some(&JobStatus::Finished)
        })
        .await;
        assert_eq!(
            user.job(id).await["status"],
            JobStatus::Finished.name(),
            "{disturbance}"
        );
        let written = user.download("artifact/run/model/param_run_in.yaml").await;
        assert_eq!(written.body, PARAMETERS, "{disturbance}");
        assert_eq!(user.delete(&format!("/jobs/{id}")).await.status / 100, 2);
    }
}
