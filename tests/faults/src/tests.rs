//! The oracle sees what it is there to see: each guard that is taken away shows in some seed.
