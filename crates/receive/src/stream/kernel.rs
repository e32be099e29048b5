//! Datagrams that the kernel dropped before they were read, where it tells: Linux' `/proc`.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::AsRawFd;

/// Bytes of a table of sockets that are read.
const TABLE_BYTES_MAX: u64 = 4 << 20;
/// The tables of both families.
const TABLES: [&str; 2] = ["/proc/net/udp", "/proc/net/udp6"];
/// The column of a socket's inode.
const INODE: usize = 9;

/// The number by which the tables know a socket; none where there are no tables.
pub(crate) fn inode(socket: &impl AsRawFd) -> Option<u64> {
    let link = format!("/proc/self/fd/{}", socket.as_raw_fd());
    let shown = std::fs::read_link(link).ok()?;
    let inner = shown.to_str()?.strip_prefix("socket:[")?;
    inner.strip_suffix(']')?.parse().ok()
}

/// Datagrams dropped for want of room in these sockets' buffers, since they were made.
pub(crate) fn drops(inodes: &[u64]) -> u64 {
    if inodes.is_empty() {
        return 0;
    }
    let tables = TABLES.iter().map(|path| {
        let mut text = String::new();
        let read = File::open(path).and_then(|file| {
            let mut file = file.take(TABLE_BYTES_MAX);
            file.read_to_string(&mut text)
        });
        read.map_or(0, |_| in_table(&text, inodes))
    });
    tables.sum()
}

/// The last column of the rows of these sockets.
fn in_table(text: &str, inodes: &[u64]) -> u64 {
    let rows = text.lines().filter_map(|row| {
        let columns: Vec<&str> = row.split_ascii_whitespace().collect();
        let inode: u64 = columns.get(INODE)?.parse().ok()?;
        let dropped: u64 = columns.last()?.parse().ok()?;
        inodes.contains(&inode).then_some(dropped)
    });
    rows.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_sockets_are_added_up() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt \
                     uid timeout inode ref pointer drops\n\
                     1: 0100007F:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 \
                     41 2 0000000000000000 7\n\
                     2: 0100007F:158B 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 \
                     42 2 0000000000000000 9\n short\n";
        assert_eq!(in_table(table, &[41]), 7);
        assert_eq!(in_table(table, &[41, 42]), 16);
        assert_eq!(in_table(table, &[4]), 0);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_not_read_is_dropped_and_told() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let known = inode(&socket).unwrap();
        assert_eq!(drops(&[known]), 0);
        let sender = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = socket.local_addr().unwrap();
        // More than any buffer that a system gives unasked.
        for _ in 0..20_000 {
            let _sent = sender.send_to(&[0; 1_024], at);
        }
        assert!(drops(&[known]) > 0);
    }
}
