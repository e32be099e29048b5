//! One durable transaction for audit entry and budget reservation, and the hash tree over them.
