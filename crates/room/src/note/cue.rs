//! What the words of a sentence say that it is.
//!
//! Tables of phrases, searched in the folded text (lower case, single blanks, no apostrophes). An
//! order of questions decides: a question is no action, what is denied or would be done is none
//! either, and what is supposed is supposed whatever else it says.

use super::Sort;
use crate::text::{has, places};

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
    dropped the|resized|expanded|freed|recreated|remounted|repointed|reconfigured";
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
    all|half|every|everyone|everybody|none|most|no customer*|nobody|a third|a quarter|\
    a few|several|only|hundreds|thousands|dozens|millions";
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
    no longer happening";
/// It hurts less.
const EASED: &str = "\
    mitigated|recovering|recovered|recovery|coming back|back up|is back|are back|\
    dropping|going down|coming down|came down|down to|improving|improved|looking good|\
    looks good|looking better|looks better|stable|stabilising|stabilizing|stabilised|\
    stabilized|contained|bleeding stopped|stopped the bleeding|subsiding|draining now|\
    returning to normal|normalising|normalizing|healthy again|green again|succeeding again|\
    working again|works again";
/// What denies that it is over or eases.
const NOT_YET: &str = "\
    not|isnt|arent|still|yet|once|until|when|if|hasnt|havent|no sign|cant|never|\
    wont|before|should|hopefully|hope";
/// Somebody takes it on.
const TAKEN: &str = "\
    ack|acked|acking|acknowledged|on it|im on|looking into|looking now|looking at|\
    im looking|taking a look|ill take|taking this|i got this|investigating|checking|\
    joining|i have the con|im ic|ill be ic|i am ic|taking ic|here looking|digging";
/// Somebody sees it.
const SEEN: &str = "\
    is down|are down|went down|down for|is failing|are failing|failing for|seeing errors|\
    seeing a lot of|seeing lots of|seeing 5*|we see|getting 5*|getting errors|\
    getting timeouts|seeing timeouts|alert firing|alerts firing|just got paged|got paged|\
    paged for|is broken|broken for|cant log in|cant login|cant check out|cant checkout|\
    unable to|customers report*|users report*|reports of|spike in|spiking|\
    through the roof|outage|anyone else seeing|is anyone|anyone seeing|elevated|\
    high error rate|error rate is|error rate at|timing out|unavailable";
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

/// What a sentence is, and what it tells of the incident's course; none of one that tells nothing.
pub(super) fn read(sentence: &str, words: &str, is_bot: bool) -> Option<(Sort, Option<Mark>)> {
    let mark = mark(sentence, words);
    let asks = is_question(sentence, words);
    if asks {
        return Some((Sort::Question, mark.filter(|mark| *mark == Mark::Detected)));
    }
    if is_task(words) {
        return Some((Sort::Task, None));
    }
    let found = if has(words, BADLY) {
        Sort::Badly
    } else if has(words, WELL) {
        Sort::Well
    } else if has(words, SUPPOSED) && mark.is_none_or(|mark| mark < Mark::Contained) {
        Sort::Hypothesis
    } else if is_done(words) && !promises(sentence) {
        Sort::Action
    } else if (has(words, DECIDED) || promises(sentence)) && !is_bot {
        Sort::Decision
    } else if is_impact(words) {
        Sort::Impact
    } else if mark.is_some() || has(words, STATES) {
        Sort::Summary
    } else {
        return None;
    };
    Some((found, mark))
}

/// What it tells of the course.
fn mark(sentence: &str, words: &str) -> Option<Mark> {
    let denied = has(words, NOT_YET) || sentence.ends_with('?');
    if has(words, OVER) && !denied {
        Some(Mark::Resolved)
    } else if has(words, EASED) && !denied {
        Some(Mark::Contained)
    } else if has(words, SEEN) {
        Some(Mark::Detected)
    } else if has(words, TAKEN) && !sentence.ends_with('?') {
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
fn is_done(words: &str) -> bool {
    if !has(words, DONE) || has(words, UNDONE) {
        return false;
    }
    places(words, DONE).any(|at| {
        let before = words.get(..at).unwrap_or_default();
        let near = before.trim_end().rsplit(' ').take(DOER_WORDS_MAX);
        let near = near
            .into_iter()
            .any(|word| DOERS.split('|').any(|doer| doer == word));
        near || before.split_whitespace().count() <= BEGINNING_WORDS_MAX
    })
}

/// `we'll`, which without its apostrophe is another word.
fn promises(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    lower.contains("we'll ") || lower.contains("we’ll ")
}

/// Whether it says how many or how much of something is hurt.
fn is_impact(words: &str) -> bool {
    let counted = words.split(' ').any(is_amount) || has(words, AMOUNTS);
    counted && has(words, HURT)
}

/// `12%`, `300`, `5k`, `$20k`: and no version, no id, no clock.
fn is_amount(word: &str) -> bool {
    let bare = word.trim_start_matches(['$', '€', '£', '+']);
    let digits = bare.chars().take_while(char::is_ascii_digit).count();
    let rest = bare.get(digits..).unwrap_or_default();
    (1..=9).contains(&digits)
        && matches!(
            rest,
            "" | "%" | "k" | "m" | "s" | "ms" | "min" | "h" | "x" | "+" | "k+" | "rps" | "qps"
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
