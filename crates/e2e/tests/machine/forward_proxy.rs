//! A proxy of a company: it alone can resolve the names of a deployment, and it remembers what it was
//! asked for.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use url::Url;

/// The name under which a server of this machine can be reached through the proxy.
pub(crate) const HOST: &str = "opencloud.test";

/// The proxy. It listens until the test ends.
pub(crate) struct ForwardProxy {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl ForwardProxy {
    pub(crate) fn start() -> Self {
        Self::demanding(false)
    }

    /// One that refuses requests without a password if `password`.
    pub(crate) fn demanding(password: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let all = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, asked) = (client.unwrap(), Arc::clone(&all));
                thread::spawn(move || serve(client, &asked, password));
            }
        });
        Self { address, asked }
    }

    /// The hosts and ports that it was asked for, each time.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Passes one request on, to this machine if it is for the deployment.
fn serve(client: TcpStream, asked: &Mutex<Vec<String>>, password: bool) -> io::Result<()> {
    let mut from = BufReader::new(client);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line == "\r\n" {
            break;
        }
        lines.push(line);
    }
    let is_authorized = |line: &String| {
        let line = line.to_ascii_lowercase();
        line.starts_with("proxy-authorization: basic ")
    };
    if password && !lines.iter().any(is_authorized) {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\
                       content-length: 0\r\nconnection: close\r\n\r\n";
        return from.get_mut().write_all(refusal.as_bytes());
    }
    let mut words = lines[0].split_whitespace().map(str::to_owned);
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let is_tunnel = method == "CONNECT";
    let url = if is_tunnel {
        format!("tunnel://{target}")
    } else {
        target
    };
    let url = Url::parse(&url).unwrap();
    let (host, port) = (url.host_str().unwrap(), url.port_or_known_default());
    let port = port.unwrap();
    asked.lock().unwrap().push(format!("{host}:{port}"));
    let client = from.get_mut();
    if host != HOST {
        return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n");
    }
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    if is_tunnel {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    } else {
        // One request a connection, so that none passes unseen.
        let path = &url[url::Position::BeforePath..];
        write!(server, "{method} {path} HTTP/1.1\r\nconnection: close\r\n")?;
        let of_connection = |line: &&String| {
            let line = line.to_ascii_lowercase();
            line.starts_with("connection:") || line.starts_with("proxy-")
        };
        for line in lines[1..].iter().filter(|line| !of_connection(line)) {
            server.write_all(line.as_bytes())?;
        }
        server.write_all(b"\r\n")?;
    }
    let (mut answers, mut to) = (server.try_clone()?, client.try_clone()?);
    let answering = thread::spawn(move || {
        let copied = io::copy(&mut answers, &mut to);
        let _ = to.shutdown(Shutdown::Both);
        copied
    });
    let mut buffer = [0; 1 << 14];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        server.write_all(&buffer[..read])?;
    }
    let _ = server.shutdown(Shutdown::Write);
    let _ = answering.join();
    Ok(())
}
