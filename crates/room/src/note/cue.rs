//! What the words of a sentence say that it is.
//!
//! Tables of phrases, searched in the folded text (lower case, single blanks, no apostrophes). An
//! order of questions decides: a question is no action, what is denied or would be done is none
//! either, and what is supposed is supposed whatever else it says.

use cordon_diagnose::plain::trouble::{self, Weight};

use super::Sort;
use crate::text::{folded, has, places};

/// What a sentence tells of the course of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mark {
    /// Somebody saw it.
    Detected,
    /// Somebody took it on.
    Acknowledged,
    /// It no longer grows, or no longer hurts.
    Contained,
    /// It is over.
    Resolved,
}

impl Mark {
    /// Stable name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Detected => "detected",
            Self::Acknowledged => "acknowledged",
            Self::Contained => "contained",
            Self::Resolved => "resolved",
        }
    }
}

/// What changes a system, done or being done.
const DONE: &str = "\
    rolled back|rolling back|rollback complete*|rollback done*|rollback is|\
    rollback started*|rollback in progress*|reverted|reverting|revert is|revert merged*|\
    restarted|restarting|rebooted|rebooting|bounced|bouncing|cycled|recycled|scaled|\
    scaling|upscaled|downscaled|deployed|deploying|redeployed|redeploying|shipped|\
    released|pushed|pushing|merged|merging|hotfix is out*|hotfixed|patched|patching|\
    failed over|failing over|failover done*|failover complete*|switched|switching|\
    disabled|disabling|enabled|enabling|turned off|turning off|turned on|turning on|\
    toggled|flipped|flushed|flushing|cleared|clearing|purged|purging|drained|draining|\
    cordoned|evicted|killed|killing|terminated|stopped the|stopping the|started the|\
    increased|increasing|bumped|bumping|raised the|raising the|lowered|lowering|reduced|\
    reducing|doubled|added|adding|removed|removing|rotated|rotating|renewed|renewing|\
    revoked|revoking|blocked|blocking|unblocked|throttled|throttling|rate limited|shed|\
    shedding|paused|pausing|resumed|resuming|paged|paging|escalated|escalating|\
    opened a|filed|created a|posted|updated the|updating the|set the|changed the|\
    changing the|restored|restoring|applied|applying|ran the|running the|rerunning|\
    reran|moved|moving|rerouted|rerouting|shifted|shifting|taken out|pulled|pinned|\
    unpinned|promoted|demoted|isolated|quarantined|truncated|vacuumed|reindexed|\
    dropped the|resized|expanded|freed|recreated|remounted|repointed|reconfigured|\
    deleted|deleting|cleaned|cleaning up|extended|upgraded|upgrading|downgraded|\
    downgrading to|rebuilt|rebuilding|reset|resetting|reloaded|reloading|replaced|\
    replacing|swapped|migrated|silenced|muted|fixed the|corrected|edited the|tuned|\
    retried|replayed|replaying|requeued|warmed|provisioned|halved|reprocessed|reissued|\
    is off|are off|is disabled|is enabled|turned it off|turned it on|paused";
/// What is done to a system, as a noun, and words behind it that say that it is done.
const WORKS: &str = "\
    rollback|revert|deploy|deployment|rollout|failover|restart|migration|hotfix|patch|\
    release|upgrade|downgrade|restore|reindex|backfill|scale up|scale out|reboot|fix";
const ENDED: &str = "\
    complete|completed|done|finished|went out|is out|is live|landed|merged|succeeded|\
    is through|underway|in progress|applied";
/// How far behind the noun, in words.
const ENDED_WORDS_MAX: usize = 14;
/// What somebody does, as a list of what happened tells it.
const DOES: &str = "\
    reverts|restarts|rolls back|deploys|redeploys|disables|enables|scales|flushes|clears|\
    drains|kills|pauses|resumes|pages|escalates|fails over|switches|turns off|turns on|\
    purges|blocks|patches|rotates|renews|reboots|stops|starts|merges|ships|pushes|posts|\
    declares|deletes|increases|raises|lowers|adds|removes";
/// What was done to who writes.
const TOLD_TO: [&str; 5] = [
    "paged for",
    "paged about",
    "paged by",
    "paged with",
    "paged at",
];
/// Who did it: the subject before it.
const DOERS: &str = "i|im|ive|we|weve|were|he|she|they|was|being|just|now|been|got";
/// How far before what was done, in words.
const DOER_WORDS_MAX: usize = 4;
/// Words before what was done at the beginning of a sentence that names nobody, or who did it.
const BEGINNING_WORDS_MAX: usize = 2;
/// What makes it no action: denied, asked, wanted, supposed.
const UNDONE: &str = "\
    should|could|would|can we|can you|can i|lets|let us|if|havent|hasnt|didnt|wasnt|\
    not|dont|need to|needs to|want to|going to|gonna|will|ill|plan to|planning to|\
    before|unless|instead of|consider*|how about|what about|never|wont|might|may|\
    try to|todo|follow up|followup|remember to|please|pls|cant|cannot|ready to|\
    about to";
/// What was agreed upon, or is about to be done.
const DECIDED: &str = "\
    lets|let us|we will|we are going to|were going to|going with|go with|decided|\
    decision|agreed|agree to|we should|we shouldnt|plan is|the plan|approved|go ahead|\
    call it|calling it|declaring|declared|declare|hold off|holding off|not going to|\
    were not going*|we wont|i say we|id say|im going to|i am going to|i will|ill|gonna|\
    about to|freeze|code freeze|abort*|stand down|standing down|escalate to|\
    downgrade to sev*|upgrade to sev*|downgrading|making this a sev*";
/// What is supposed.
const SUPPOSED: &str = "\
    i think|i suspect|suspect*|i believe|i guess|my guess|i bet|maybe|might be|\
    might have|may be|may have|could be|could have|could it be|probably|possibly|\
    perhaps|likely|looks like|seems|seem to|appears|theory|hypothesis|wondering if|\
    wonder if|smells like|feels like|sounds like|presumably|assume|assuming|im guessing|\
    guessing|not sure if|correlates with|coincides with|related to|points to|pointing to|\
    suspicious*|candidate|culprit|not convinced*";
/// What hurts whom.
const HURT: &str = "\
    customers|customer|users|user|requests|orders|payments|payment|checkouts|checkout|\
    transactions|transaction|sessions|tenants|tenant|accounts|error rate|errors|5xx|\
    500s|502s|503s|504s|4xx|latency|p99|p95|p90|p50|traffic|revenue|tickets|\
    affected|impacted|impact|failing|failed|fail|lost|dropped|drops|down|outage|\
    timeouts|success rate|messages|emails|jobs|logins|login|calls|rows|records|events|\
    unavailable|backlog|queue|slo|error budget|conversion|complaints|reports|regions|\
    region";
/// Amounts that are no digits.
const AMOUNTS: &str = "\
    all|half|every|everyone|everybody|everywhere|none|most|no customer*|nobody|a third|\
    a quarter|a few|several|only|hundreds|thousands|dozens|millions|a lot of|lots of";
/// What has an amount without that it hurts anybody.
const RESOURCES: &str = "\
    connections|connection|cpu|memory|disk|heap|pods|pod|nodes|node|replicas|replica|hosts|\
    shards|partitions|lag|load|iops|threads|workers|ops|hit rate|usage|size|flag|cache";
/// A promise with one of these is kept after the incident.
const LATER: &str = "\
    tomorrow|later|next week|next sprint|after the incident|after this|afterwards|\
    postmortem|post mortem|retro|ticket|a jira|on monday|on tuesday|on wednesday|\
    on thursday|on friday|by monday|by tuesday|by wednesday|by thursday|by friday|\
    end of day|end of week|eod|eow|this week|write up|writeup|document*|runbook";
/// Who promises something.
const PROMISED: &str = "i will|ill|im going to|i am going to|i can|ive got|let me";
/// Questions for the state of things, which what is said next answers.
const STATUS_ASKED: &str = "\
    do we know so far|what do we know|whats the status|what is the status|any update*|\
    any news|hows it looking|how is it looking|how are we looking|how does it look|\
    where are we|whats the latest|what is going on|whats going on|whats happening|status";
/// Ends of sentences that ask to be told that they are right.
const TAGS: [&str; 8] = [
    "right", "correct", "no", "yeah", "isnt it", "didnt we", "wasnt it", "huh",
];
/// Words of a status question, at most.
const STATUS_WORDS_MAX: usize = 9;
/// What is left to do.
const TASKS: &str = "\
    todo|to do|action item*|follow up|followup|follow ups|next step*|we need to|\
    need to add|needs to be|remember to|ticket for|create a ticket*|postmortem item*|\
    we need a|we need an|we need better|should add|should have an alert*|should alert|\
    please add|long term|longer term|for the postmortem|before next";
/// What tells the state of things.
const STATES: &str = "\
    status|update|summary|tldr|tl dr|root cause|confirmed|identified|sev1|sev2|sev3|\
    sev 1|sev 2|sev 3|p1|p0|incident|found it|found the|turns out|caused by|because|\
    due to|started at|began at|since|first saw|reproduced|can reproduce|seeing|we see|\
    still seeing|no longer|stabilised|stabilized|degraded|healthy|unhealthy";
/// It is over.
const OVER: &str = "\
    resolved|all clear|back to normal|fully recovered|incident is over|incident closed|\
    closing the incident|closing this|we are back|were back|is fixed|its fixed|fixed now|\
    all green|everything is green|fully restored|service restored|issue is gone|its gone|\
    no longer happening|confirmed fixed|fix confirmed|now fixed|resolving the incident|\
    incident over|closing incident";
/// The same where nothing else is said.
const OVER_ALONE: [&str; 5] = [
    "closed",
    "resolved",
    "fixed",
    "recovered",
    "incident closed",
];
/// It hurts less.
const EASED: &str = "\
    mitigated|recovering|recovered|signs of recovery|coming back|back up|is back|are back|\
    improving|improved|looking good|\
    looks good|looking better|looks better|stable|stabilising|stabilizing|stabilised|\
    stabilized|contained|bleeding stopped|stopped the bleeding|subsiding|draining now|\
    returning to normal|normalising|normalizing|healthy again|green again|succeeding again|\
    working again|works again|works now|working now|up again|are gone|is gone|gone now|\
    no more errors|no errors|no new errors|no more 5*|no more timeouts";
/// It hurts less where it is told of what is the worse the more it is.
const FALLING: &str = "\
    dropping|going down|coming down|came down|down to|falling|dropped to|shrinking|draining";
const MEASURES: &str = "\
    error|errors|error rate|latency|p99|p95|p90|p50|5xx|500s|502s|503s|504s|queue|backlog|\
    lag|load|cpu|memory|timeouts|alerts|connections|usage|response time|response times";
/// What denies that it is over or eases.
const NOT_YET: &str = "\
    not|isnt|arent|still|yet|once|until|when|if|hasnt|havent|no sign|cant|never|\
    wont|before|should|hopefully|hope";
/// Somebody takes it on.
const TAKEN: &str = "\
    ack|acked|acking|acks|acknowledged|acknowledges|im on it|am on it|im on|looking into|\
    looking now|im looking|taking a look|ill take|taking this|i got this|investigating|\
    i have the con|im ic|ill be ic|i am ic|taking ic|here looking|digging into";
/// Somebody sees it.
const SEEN: &str = "\
    is down|are down|went down|down for|is failing|are failing|failing for|seeing errors|\
    seeing a lot of|seeing lots of|seeing 5*|we see|getting 5*|getting errors|\
    getting timeouts|seeing timeouts|alert firing|alerts firing|just got paged|got paged|\
    paged for|is broken|broken for|cant log in|cant login|cant check out|cant checkout|\
    unable to|customers report*|users report*|reports of|spike in|spiking|\
    through the roof|outage|anyone else seeing|is anyone|anyone seeing|elevated|\
    high error rate|error rate is|error rate at|timing out|times out|time out|unavailable|\
    went from|jumped|spiked|shot up|climbing|growing|piling up|backing up|maxed out|\
    at 100%|is full|disk full|out of memory|oom|expired";
/// What went well, and what did not.
const WELL: &str = "\
    went well|good catch|nice catch|luckily|glad we|worked well|worked great|\
    fast response|quick response|runbook worked|thankfully|great job|good job|well done|\
    saved us";
const BADLY: &str = "\
    went badly|went wrong|should have|shouldve|unfortunately|took too long|too long to|\
    outdated|out of date|no alert|didnt alert|did not alert|never alerted|no runbook|\
    no monitoring|no dashboard|we missed|nobody noticed|no one noticed|got lucky|\
    we were lucky|confusing|misleading|not documented|undocumented|no test|no tests|\
    not tested|untested|wrong channel|couldnt find|didnt know|no access|dont have access|\
    lacked|false alarm";
/// Words of a message that says nothing but that somebody is there.
const CHATTER: &str = " hi hey hello morning afternoon evening good yo all folks team everyone \
    guys there \
    thanks thank you thx ty tysm cheers np no problem worries ok okay k kk cool nice great \
    awesome perfect \
    yes yep yeah yup no nope sure lol haha hah hmm hm oh ah wow ugh oof sorry sry brb bbl afk \
    back gm gn bye \
    same this +1 1 please pls welcome much so very a lot for the help done my bad got it sounds \
    gotcha \
    right true fair noted roger copy that indeed exactly yay phew whew uh um well here \
    merci danke gracias obrigado hola salut moin ";
/// Words of it, at most.
const CHATTER_WORDS_MAX: usize = 6;

/// What people write before a colon to say what a note is.
const LABELS: [(&str, Sort); 23] = [
    ("action", Sort::Task),
    ("actions", Sort::Task),
    ("action item", Sort::Task),
    ("ai", Sort::Task),
    ("todo", Sort::Task),
    ("to do", Sort::Task),
    ("follow up", Sort::Task),
    ("follow-up", Sort::Task),
    ("followup", Sort::Task),
    ("next step", Sort::Task),
    ("decision", Sort::Decision),
    ("decided", Sort::Decision),
    ("hypothesis", Sort::Hypothesis),
    ("theory", Sort::Hypothesis),
    ("suspicion", Sort::Hypothesis),
    ("impact", Sort::Impact),
    ("paged", Sort::Summary),
    ("question", Sort::Question),
    ("open question", Sort::Question),
    ("went well", Sort::Well),
    ("what went well", Sort::Well),
    ("went badly", Sort::Badly),
    ("what went badly", Sort::Badly),
];

/// What a label before a colon says that the rest is: `action: linus adds an alert`.
pub(super) fn labelled(sentence: &str) -> Option<(Sort, &str)> {
    let (label, rest) = sentence.split_once(':')?;
    let label = label.trim_matches(|c: char| !c.is_alphanumeric());
    let found = LABELS
        .iter()
        .find(|(name, _)| label.eq_ignore_ascii_case(name));
    let rest = rest.trim_start_matches(['*', '_', ' ']);
    found
        .filter(|_| !rest.is_empty())
        .map(|(_, sort)| (*sort, rest))
}

/// Who says a sentence, as far as that matters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Voice {
    /// A program.
    pub(super) is_bot: bool,
    /// Nobody: a list of what happened, with a time before each.
    pub(super) is_list: bool,
}

/// What a sentence is, and what it tells of the incident's course; none of one that tells nothing.
pub(super) fn read(sentence: &str, words: &str, voice: Voice) -> Option<(Sort, Option<Mark>)> {
    let mark = mark(sentence, words);
    if is_question(sentence, words) {
        let status =
            has(words, STATUS_ASKED) && words.split_whitespace().count() <= STATUS_WORDS_MAX;
        if status {
            return None;
        }
        // Who asks whether it could be that supposes it.
        if has(words, SUPPOSED) {
            return Some((
                Sort::Hypothesis,
                mark.filter(|mark| *mark == Mark::Detected),
            ));
        }
        if !is_tagged(words) {
            return Some((Sort::Question, mark.filter(|mark| *mark == Mark::Detected)));
        }
    }
    if voice.is_bot {
        let sort = if is_done(words) {
            Sort::Action
        } else {
            Sort::Course
        };
        return Some((sort, mark)).filter(|_| sort == Sort::Action || mark.is_some());
    }
    if is_task(words) || promised_later(sentence, words) {
        return Some((Sort::Task, None));
    }
    let eased = mark.is_some_and(|mark| mark >= Mark::Contained);
    let found = if has(words, BADLY) {
        Sort::Badly
    } else if has(words, WELL) {
        Sort::Well
    } else if has(words, SUPPOSED) && !eased {
        Sort::Hypothesis
    } else if (is_done(words) || voice.is_list && does(words)) && !promises(sentence) {
        Sort::Action
    } else if has(words, DECIDED) || promises(sentence) {
        Sort::Decision
    } else if is_impact(sentence, words) && !eased {
        Sort::Impact
    } else if mark == Some(Mark::Acknowledged) {
        Sort::Course
    } else if mark.is_some() || is_state(sentence, words) {
        Sort::Summary
    } else if voice.is_list {
        Sort::Course
    } else {
        return None;
    };
    Some((found, mark))
}

/// Whether it tells the state of something: in words for that, with an amount, or as trouble.
fn is_state(sentence: &str, words: &str) -> bool {
    let counted = || sentence.split_whitespace().any(is_amount) && has(words, RESOURCES);
    let trouble = || trouble::of(sentence).is_some_and(|told| told.weight >= Weight::Error);
    has(words, STATES) || counted() || trouble()
}

/// Whether somebody promises something for after the incident.
fn promised_later(sentence: &str, words: &str) -> bool {
    (has(words, PROMISED) || promises(sentence)) && has(words, LATER)
}

/// Whether a question only asks to be told that it is right.
fn is_tagged(words: &str) -> bool {
    let words = words.trim();
    TAGS.iter().any(|tag| {
        let before = words.strip_suffix(tag);
        before.is_some_and(|before| before.ends_with(' ') && before.split(' ').count() > 4)
    })
}

/// Whether somebody who is named does something, in a list of what happened.
fn does(words: &str) -> bool {
    let second = |at: usize| {
        let before = words.get(..at).unwrap_or_default();
        (1..=2).contains(&before.split_whitespace().count())
    };
    places(words, DOES).any(second)
}

/// What it tells of the course.
fn mark(sentence: &str, words: &str) -> Option<Mark> {
    let denied = has(words, NOT_YET) || sentence.ends_with('?');
    let eases = has(words, EASED) || has(words, FALLING) && has(words, MEASURES);
    if (has(words, OVER) || OVER_ALONE.contains(&words.trim())) && !denied {
        Some(Mark::Resolved)
    } else if eases && !denied {
        Some(Mark::Contained)
    } else if has(words, SEEN) {
        Some(Mark::Detected)
    } else if (has(words, TAKEN) || words.starts_with(" on it ")) && !sentence.ends_with('?') {
        Some(Mark::Acknowledged)
    } else {
        None
    }
}

fn is_question(sentence: &str, words: &str) -> bool {
    let asks = sentence
        .trim_end_matches([' ', ')', '"', '\''])
        .ends_with('?');
    let begins = [
        " does anyone ",
        " did anyone ",
        " has anyone ",
        " anyone know ",
        " anybody know ",
        " do we know ",
        " who is on call",
        " whos on call",
        " can someone ",
        " can anyone ",
        " could someone ",
        " any idea ",
    ];
    asks || begins.iter().any(|start| words.starts_with(start))
}

fn is_task(words: &str) -> bool {
    has(words, TASKS) && !has(words, "right now|asap|immediately")
}

/// Whether something was done, or is being done: with somebody before it, at the beginning of the
/// sentence, or in the passive.
pub(super) fn is_done(words: &str) -> bool {
    if has(words, UNDONE) {
        return false;
    }
    if is_completed(words) {
        return true;
    }
    places(words, DONE).any(|at| {
        let before = words.get(..at).unwrap_or_default();
        let behind = words.get(at..).unwrap_or_default();
        if TOLD_TO.iter().any(|told| behind.starts_with(told)) || behind == "paged" {
            return false;
        }
        let near = before.trim_end().rsplit(' ').take(DOER_WORDS_MAX);
        let near = near
            .into_iter()
            .any(|word| DOERS.split('|').any(|doer| doer == word));
        near || before.split_whitespace().count() <= BEGINNING_WORDS_MAX
    })
}

/// `rollback of checkout to 2.4.0 is complete`.
fn is_completed(words: &str) -> bool {
    let mut works = places(words, WORKS);
    works.any(|at| {
        let behind = words.get(at..).unwrap_or_default();
        places(behind, ENDED).any(|to| {
            let between = behind.get(..to).unwrap_or_default();
            between.split_whitespace().count() <= ENDED_WORDS_MAX
        })
    })
}

/// `we'll`, which without its apostrophe is another word.
fn promises(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    lower.contains("we'll ") || lower.contains("we’ll ")
}

/// Whether it says how many or how much of something is hurt.
fn is_impact(sentence: &str, words: &str) -> bool {
    let counted = sentence.split_whitespace().any(is_amount) || has(words, AMOUNTS);
    counted && has(words, HURT)
}

/// `12%`, `~300`, `1,200`, `4.2s`, `$20k`: and no version, no id, no clock, no date, no `502s`.
fn is_amount(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| "~≈<>=$€£+(),.;:!*_\"'".contains(c));
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    let number = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let end = bare.find(|c| !number(c)).unwrap_or(bare.len());
    let (number, rest) = bare.split_at_checked(end).unwrap_or_default();
    let points = number.bytes().filter(|b| *b == b'.').count();
    let status = number.len() == 3 && number.starts_with(['4', '5']) && rest == "s";
    (1..=9).contains(&digits)
        && points <= 1
        && !status
        && matches!(
            rest,
            "" | "%"
                | "k"
                | "m"
                | "s"
                | "ms"
                | "min"
                | "h"
                | "x"
                | "+"
                | "k+"
                | "rps"
                | "qps"
                | "gb"
                | "mb"
                | "GB"
                | "MB"
                | "K"
                | "M"
        )
}

/// Whether a message says nothing but that somebody is there.
pub(super) fn is_chatter(words: &str) -> bool {
    let all: Vec<&str> = words.split_whitespace().collect();
    all.len() <= CHATTER_WORDS_MAX
        && all
            .iter()
            .all(|word| CHATTER.contains(&format!(" {word} ")))
}

/// Words over a list of what is left to do.
const TASK_HEADINGS: &str = "\
    action items|action item|actions|next steps|follow ups|followups|follow up|todo|todos|\
    to do|to dos|action points|tasks";
/// Words of such a heading, at most.
const HEADING_WORDS_MAX: usize = 5;

/// What stands behind the heading of a list of what is left to do, where a line is one.
pub(super) fn below_tasks(line: &str) -> Option<&str> {
    let bare = line.trim_matches(|c: char| "#*_ ".contains(c));
    let (heading, rest) = bare.split_once(':').unwrap_or((bare, ""));
    let words = folded(heading);
    let short = words.split_whitespace().count() <= HEADING_WORDS_MAX;
    let starts = places(&words, TASK_HEADINGS).any(|at| at == 1);
    let alone = bare.len() > heading.len() || TASK_HEADINGS.split('|').any(|w| w == words.trim());
    let rest = rest.trim_start_matches(['*', '_', ' ']);
    (short && starts && alone).then_some(rest)
}

/// Whether a folded text tells of going back to what was before.
pub(crate) fn is_rollback(words: &str) -> bool {
    has(
        words,
        "roll back|rollback|rolled back|rolling back|revert|reverted|reverting|roll it back|\
         roll this back|undo|go back to|rolled it back",
    )
}

/// Whether a folded text says that something was done of which another says that it is to be:
/// they share a word that tells what.
pub(crate) fn said_again(decision: &str, action: &str) -> bool {
    if is_rollback(decision) && is_rollback(action) {
        return true;
    }
    let stems = [
        "restart", "scal", "fail", "disabl", "enabl", "flush", "drain", "deploy", "revert",
        "switch", "clear", "block", "throttl", "paus", "pag", "escalat", "rotat", "bump",
        "increas", "kill", "patch", "turn", "roll", "reduc", "page", "merge", "hotfix", "purge",
        "stop",
    ];
    let tells = |text: &str, stem: &str| text.contains(&format!(" {stem}"));
    stems
        .iter()
        .any(|stem| tells(decision, stem) && tells(action, stem))
}
