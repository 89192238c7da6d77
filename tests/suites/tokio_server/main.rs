// An HTTP server on tokio: four threads, a task for each connection. Every tenth body is
// kept, and each is answered with itself twice. A request for /end is the last one.
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{watch, Notify};

type Kept = Arc<Mutex<Vec<Vec<u8>>>>;

struct Head {
    length: usize,
    stays: bool,
    ends: bool,
}

/// None at the end of the connection.
async fn read_head(from: &mut BufReader<&mut TcpStream>) -> Option<Head> {
    let mut head = Head { length: 0, stays: true, ends: false };
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            return Some(head);
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            head.length = value.trim().parse().ok()?;
        }
        head.stays &= line != "connection: close";
        head.ends |= line.starts_with("get /end ");
    }
}

/// Whether the connection stays.
async fn answer_one(socket: &mut TcpStream, kept: &Kept, end: &Notify) -> Option<bool> {
    let (head, body) = {
        let mut reader = BufReader::new(&mut *socket);
        let head = read_head(&mut reader).await?;
        let mut body = vec![0; head.length];
        reader.read_exact(&mut body).await.ok()?;
        (head, body)
    };
    let connection = if head.stays { "keep-alive" } else { "close" };
    let start = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: {connection}\r\n\r\n",
        2 * body.len()
    );
    let answer = [start.as_bytes(), &body, &body].concat();
    socket.write_all(&answer).await.ok()?;
    if body.len() % 10 == 0 {
        let mut all = kept.lock().unwrap();
        all.push(body);
        if all.len() > 100 {
            all.remove(0);
        }
    }
    if head.ends {
        end.notify_one();
    }
    Some(head.stays)
}

async fn serve(
    mut socket: TcpStream,
    kept: Kept,
    end: Arc<Notify>,
    mut ends: watch::Receiver<bool>,
) {
    loop {
        let stays = tokio::select! {
            stays = answer_one(&mut socket, &kept, &end) => stays,
            _ = ends.changed() => None,
        };
        if stays != Some(true) {
            return;
        }
    }
}

#[tokio::main(worker_threads = 4)]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let asked_to_end = Arc::new(Notify::new());
    let (end, ends) = watch::channel(false);
    let kept = Kept::default();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (socket, _) = accepted?;
                tokio::spawn(serve(socket, kept.clone(), asked_to_end.clone(), ends.clone()));
            }
            _ = asked_to_end.notified() => break,
        }
    }
    end.send(true).ok();
    drop(ends);
    end.closed().await;
    Ok(())
}
