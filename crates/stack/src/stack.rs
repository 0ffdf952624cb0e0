//! All services together, started and stopped as one.

use std::{
    fs, io,
    net::{IpAddr, SocketAddr},
    path::Path,
    time::Duration,
};

use axum::Router;
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    applications::Applications,
    cognito::{Account, Cognito, CognitoConfig, Ids, SigningKeys},
    config::{Config, FileMode},
    data_directory::DataDirectory,
    database::Database,
    endpoint::Service,
    env_file, expired_credentials,
    faults::{self, Disturbance, Fault, Faults},
    files::{Bucket, FileSystem, Storage},
    jobs::{JobStore, StateChange},
    listen::listen,
    mailbox, prefill,
    s3::{self, CorsRule, ObjectStore, Signer},
    server::{self, Limits},
    start_error::StartError,
    urls::{Urls, origin},
    user_api::{self, UserApi},
    worker::Worker,
};

/// The bucket that holds all user files.
const BUCKET: &str = "decode-user-data";

/// How long requests may take to end when the stack stops.
const GRACE: Duration = Duration::from_secs(2);

/// A running stack. Dropping it stops everything, without waiting for it.
#[must_use = "a stack that is dropped stops"]
pub struct Stack {
    urls: Urls,
    frontend_origin: String,
    seed: u16,
    cognito: Cognito,
    jobs: JobStore,
    files: FileSystem,
    services: JoinSet<()>,
    stop: DropGuard,
    // The last field: everything else uses it until it is dropped.
    _directory: DataDirectory,
}

impl std::fmt::Debug for Stack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stack")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}

impl Stack {
    /// Starts all services. They answer from the moment this returns.
    ///
    /// # Errors
    /// If a port is in use, or the data directory cannot be used.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        refuse_faults_of_other_mode(&config)?;
        let faults = Faults::new(&config.faults, &config.disturbances);
        let mut applications = match &config.applications {
            Some(path) => Applications::read(path).map_err(StartError::Applications)?,
            None => Applications::built_in(),
        };
        if faults.has(Fault::ApplicationsLackAVersion) {
            applications.remove("decode", "latest");
        }
        let (user_api, user_api_at) =
            bind(config.bind, config.user_api_port, "--user-api-port").await?;
        let (cognito_port, cognito_at) =
            bind(config.bind, config.cognito_port, "--cognito-port").await?;
        let (s3, s3_at) = bind(config.bind, config.s3_port, "--s3-port").await?;
        let cognito = origin(config.bind, cognito_port);
        let urls = Urls {
            user_api: origin(config.bind, user_api) + user_api::path_prefix(&faults),
            mailbox: format!("{cognito}{}", mailbox::PATH),
            cognito,
            s3: origin(config.bind, s3),
        };
        let directory = DataDirectory::open(config.data_dir.clone())?;
        let parts = open(&config, &faults, &urls, directory.path())?;

        if let Some(account) = parts.cognito.accounts().first() {
            let filled = prefill::fill(&parts.files, &parts.jobs, account, &faults).await;
            filled.map_err(StartError::Open)?;
        }

        let stop = CancellationToken::new();
        let mut services = JoinSet::new();
        let user_api = UserApi {
            frontend_origin: faults::configured_origin(&config.frontend_origin, &faults),
            cognito: parts.cognito.clone(),
            files: parts.files.clone(),
            jobs: parts.jobs.clone(),
            applications: applications.clone(),
            faults: faults.clone(),
        };
        for (listeners, service, router) in [
            (user_api_at, Service::UserApi, user_api::router(user_api)),
            (cognito_at, Service::Cognito, parts.cognito.router()),
            (s3_at, Service::S3, parts.s3),
        ] {
            let mut router = faults::layer(router, service, &faults, config.seed);
            if service == Service::Cognito {
                // Outside of the layer: no fault of Cognito's is one of the mailbox.
                let mailbox = mailbox::router(parts.cognito.clone(), &config.frontend_origin);
                router = router.merge(mailbox);
            }
            let capitalised = faults.disturbed_by(Disturbance::HeaderNamesCapitalised);
            let (limits, stop) = (Limits::default(), stop.clone());
            services.spawn(server::serve(listeners, router, limits, capitalised, stop));
        }
        for environment in &config.workers {
            let worker = Worker {
                environment: environment.name(),
                jobs: parts.jobs.clone(),
                files: parts.files.clone(),
                applications: applications.clone(),
                config: config.worker.clone(),
                faults: faults.clone(),
            };
            let stopped = stop.clone().cancelled_owned();
            services.spawn(async move {
                tokio::select! {
                    () = worker.run() => {}
                    () = stopped => {}
                }
            });
        }
        Ok(Self {
            urls,
            frontend_origin: config.frontend_origin,
            seed: config.seed,
            cognito: parts.cognito,
            jobs: parts.jobs,
            files: parts.files,
            services,
            stop: stop.drop_guard(),
            _directory: directory,
        })
    }

    /// Checks a configuration of applications, as [`Config::applications`] may name one.
    ///
    /// # Errors
    /// If it cannot be read, or is not sound.
    pub fn check_applications(path: &Path) -> Result<(), StartError> {
        Applications::read(path).map_err(StartError::Applications)?;
        Ok(())
    }

    /// Where the services are.
    #[must_use]
    pub fn urls(&self) -> &Urls {
        &self.urls
    }

    /// The number that decides which answers are dropped ([`Config::seed`]).
    #[must_use]
    pub fn seed(&self) -> u16 {
        self.seed
    }

    /// The user pool, its client and its region.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        self.cognito.ids()
    }

    /// The accounts that can sign in.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        self.cognito.accounts()
    }

    /// The user pool, for minting tokens of any content.
    #[must_use]
    pub fn cognito(&self) -> &Cognito {
        &self.cognito
    }

    /// The settings that let a client use this stack: names and values, as in an `.env` file.
    /// Waits for the pool's keys, which take a moment to make in a new stack.
    pub async fn env_file(&self) -> Vec<(String, String)> {
        let mut settings = env_file::settings(
            &self.urls,
            &self.frontend_origin,
            self.ids(),
            self.accounts(),
        );
        settings.extend(expired_credentials::settings(&self.cognito, &self.files).await);
        settings
    }

    /// Every change of a job's status since the start, in order.
    #[must_use]
    pub fn state_changes(&self) -> Vec<StateChange> {
        self.jobs.state_changes()
    }

    /// Stops: no new request is accepted, and open ones have two seconds to end.
    pub async fn stop(self) {
        let Self {
            mut services, stop, ..
        } = self;
        drop(stop);
        let all = async { while services.join_next().await.is_some() {} };
        if timeout(GRACE, all).await.is_err() {
            services.shutdown().await;
        }
    }
}

/// Refuses faults that the file mode does not have: they would have no effect.
fn refuse_faults_of_other_mode(config: &Config) -> Result<(), StartError> {
    let faults = config.faults.iter();
    let faults = faults.map(|fault| (format!("fault {fault}"), fault.only_in()));
    let disturbances = config.disturbances.iter();
    let disturbances = disturbances.map(|d| (format!("disturbance {d}"), d.only_in()));
    for (name, only_in) in faults.chain(disturbances) {
        if let Some(only_in) = only_in.filter(|mode| *mode != config.files) {
            return Err(StartError::NotInThisMode { name, only_in });
        }
    }
    Ok(())
}

async fn bind(
    address: IpAddr,
    port: u16,
    flag: &'static str,
) -> Result<(u16, Vec<TcpListener>), StartError> {
    listen(address, port).await.map_err(|source| {
        if source.kind() == io::ErrorKind::AddrInUse {
            StartError::PortInUse { port, flag }
        } else {
            let address = SocketAddr::new(address, port);
            StartError::Listen { address, source }
        }
    })
}

/// Everything that lives in the data directory.
struct Parts {
    cognito: Cognito,
    jobs: JobStore,
    files: FileSystem,
    s3: Router,
}

fn open(
    config: &Config,
    faults: &Faults,
    urls: &Urls,
    directory: &Path,
) -> Result<Parts, StartError> {
    let incoming = directory.join("incoming");
    clear(&incoming).map_err(|source| StartError::unusable(directory, source))?;
    let open = || -> anyhow::Result<Parts> {
        let database = Database::open(&directory.join("opencloud.sqlite"))?;
        let all_origins = CognitoConfig::default().allowed_origin;
        let cognito = CognitoConfig {
            allowed_origin: if faults.disturbed_by(Disturbance::CognitoForTheFrontendAlone) {
                config.frontend_origin.clone()
            } else {
                all_origins
            },
            token_lifetime: faults.token_lifetime(config.token_lifetime),
            self_registration: config.self_registration
                && !faults.disturbed_by(Disturbance::RegistrationClosed),
            prevent_user_existence_errors: config.prevent_user_existence_errors
                || faults.disturbed_by(Disturbance::AccountsHidden),
            first_lock: config.first_lock,
            keys: config
                .keys
                .clone()
                .unwrap_or_else(|| SigningKeys::kept_in(directory.join("keys"))),
            faults: faults.clone(),
            ..CognitoConfig::default()
        };
        let cognito = Cognito::open(database.clone(), cognito)?;
        let store = ObjectStore::open(database.clone(), &directory.join("objects"))?;
        let signer = Signer::open(&database, &cognito.ids().region)?;
        let bucket = s3::Bucket {
            name: BUCKET.into(),
            store: store.clone(),
            cors: CorsRule::of_bucket(&config.frontend_origin, faults),
            faults: faults.clone(),
        };
        let s3 = s3::router(signer.clone(), bucket);
        let storage = match config.files {
            FileMode::Local => Storage::Local(directory.to_owned()),
            FileMode::S3 => Storage::S3(Bucket {
                name: BUCKET.into(),
                store,
                signer,
                endpoint: urls.s3.clone(),
            }),
        };
        Ok(Parts {
            cognito,
            jobs: JobStore::open(database)?,
            files: FileSystem { storage, incoming },
            s3,
        })
    };
    open().map_err(StartError::Open)
}

/// Makes an empty directory: what an earlier run did not finish is removed.
fn clear(directory: &Path) -> io::Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory)
}
