//! What a dump may hold and a worker may use.

/// Bytes of a dump. A minidump with stacks alone has a few megabytes at most.
pub const DUMP_BYTES_MAX: u64 = 64 << 20;
/// Bytes of memory that a dump may carry before it is taken for a full dump.
pub const DUMP_MEMORY_BYTES_MAX: u64 = 48 << 20;
/// Bytes of one symbol file, in clear.
pub const SYMBOL_FILE_BYTES_MAX: u64 = 256 << 20;
/// Bytes of all symbol files that one dump is read with.
pub const SYMBOLS_BYTES_MAX: u64 = 512 << 20;
/// Symbol files that one dump is read with.
pub const SYMBOLS_COUNT_MAX: usize = 512;
/// Symbol files that are kept of one tenant.
pub const SYMBOLS_STORED_COUNT_MAX: usize = 16_384;
/// Threads that are unwound; of the others it is told how many there are.
pub const THREADS_COUNT_MAX: usize = 1_024;
/// Modules that are read.
pub const MODULES_COUNT_MAX: usize = 4_096;
/// Bytes of one stack that are read, from the stack pointer on.
pub const STACK_BYTES_MAX: usize = 512 << 10;
/// Bytes of all stacks that are read.
pub const STACKS_BYTES_MAX: usize = 32 << 20;
/// Frames of one thread that are reported.
pub const FRAMES_COUNT_MAX: usize = 1_024;
/// Frames of all threads that are reported.
pub const FRAMES_TOTAL_COUNT_MAX: usize = 16_384;
/// Regions of memory that are known.
pub const REGIONS_COUNT_MAX: usize = 262_144;
/// Bytes of a module's name.
pub const MODULE_NAME_BYTES_MAX: usize = 80;
/// Bytes of a function's name.
pub const FUNCTION_BYTES_MAX: usize = 1_024;
/// Bytes of a source file's path.
pub const FILE_BYTES_MAX: usize = 512;
/// Bytes of a worker's answer: the report and the stripped dump.
pub const ANSWER_BYTES_MAX: usize = 128 << 20;
/// Bytes of the report within an answer.
pub const REPORT_BYTES_MAX: usize = 32 << 20;
/// Address space of a worker.
pub const WORKER_MEMORY_KIB_MAX: u64 = 3 << 20;
/// Processor time of a worker.
pub const WORKER_CPU_S_MAX: u64 = 60;
/// Wall clock of a worker.
pub const WORKER_WALL_S_MAX: u64 = 120;
/// Threads and processes of a worker, those of its walls among them.
pub const WORKER_TASKS_COUNT_MAX: u64 = 16;
/// Frames that the event of a crash holds.
pub const EVENT_FRAMES_COUNT_MAX: usize = 256;
/// Bytes of the stack that the event of a crash holds.
pub const EVENT_STACK_BYTES_MAX: usize = 64 << 10;
