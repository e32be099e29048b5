//! The smallest worker: what a program does that is started on a dump behind walls.

use std::io;

fn main() -> io::Result<()> {
    cordon_crash::serve(&mut io::stdin().lock(), &mut io::stdout().lock())
}
