//! What is done to a process and its disk, and which guard a test takes away.

/// A kind of fault: a row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// The process ends at once; what it wrote stays.
    Kill,
    /// The machine ends at once; of what was not synced a random part stays.
    PowerCut,
    /// One of both, in the midst of a write.
    TornWrite,
    /// Bits of files turn while no process runs.
    BitFlip,
    /// Bits of the store's database turn while no process runs.
    StoreFlip,
    /// The disk takes half of a write and then nothing, for a while.
    DiskFull,
    /// One sync fails; what it covered is lost with the next power cut.
    SyncError,
    /// Segments cannot be created, for a while.
    OpenFiles,
    /// The clock goes an hour forth or back.
    ClockJump,
    /// The disk stands still while senders give up waiting and send again.
    SlowDisk,
    /// The receiver of the export refuses, is busy, or takes and does not answer.
    SinkDown,
    /// Several senders send one request, because an answer was lost.
    Duplicates,
    /// Policy and exporter are replaced while senders send.
    Reload,
}

/// Every kind, in the order of the table.
pub(crate) const FAULTS: [Fault; 13] = [
    Fault::Kill,
    Fault::PowerCut,
    Fault::TornWrite,
    Fault::BitFlip,
    Fault::StoreFlip,
    Fault::DiskFull,
    Fault::SyncError,
    Fault::OpenFiles,
    Fault::ClockJump,
    Fault::SlowDisk,
    Fault::SinkDown,
    Fault::Duplicates,
    Fault::Reload,
];

impl Fault {
    /// Its name in the table.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::PowerCut => "power cut",
            Self::TornWrite => "torn write",
            Self::BitFlip => "bit flip",
            Self::StoreFlip => "bit flip in the store",
            Self::DiskFull => "disk full",
            Self::SyncError => "EIO on fsync",
            Self::OpenFiles => "too many open files",
            Self::ClockJump => "clock jump of an hour",
            Self::SlowDisk => "slow disk",
            Self::SinkDown => "export sink down",
            Self::Duplicates => "duplicate senders",
            Self::Reload => "reload under load",
        }
    }
}

/// A guard that is taken away, to show that the oracle notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Break {
    /// A sync says that it is done and does nothing.
    SyncSkipped,
    /// A failed sync is tried again, and succeeds.
    SyncRetried,
    /// The sender is answered when its batch waits for the disk.
    AnsweredEarly,
    /// A request that is sent again looks like another one.
    DedupeDropped,
    /// The export's cursor is stored when a batch is handed out.
    CursorAhead,
    /// Segments are deleted that the export has not read.
    TrimmedAhead,
    /// The lost-and-found is swept.
    LostSwept,
    /// A raw event is written into a log.
    RawLogged,
    /// A clean event is written without a seal.
    SealDropped,
}

/// Every guard, with its name on the command line.
pub(crate) const BREAKS: [(Break, &str); 9] = [
    (Break::SyncSkipped, "sync-skipped"),
    (Break::SyncRetried, "sync-retried"),
    (Break::AnsweredEarly, "answered-early"),
    (Break::DedupeDropped, "dedupe-dropped"),
    (Break::CursorAhead, "cursor-ahead"),
    (Break::TrimmedAhead, "trimmed-ahead"),
    (Break::LostSwept, "lost-swept"),
    (Break::RawLogged, "raw-logged"),
    (Break::SealDropped, "seal-dropped"),
];
