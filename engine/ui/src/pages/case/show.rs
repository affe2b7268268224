//! Gathering the page of a case and showing it.

use super::composer::Kind;
use super::{CaseData, CasePage, CaseState, Draft, OwnData};
use super::{seen, written};
use crate::answer::{Answer, Failure};
use crate::frame::Alert;
use crate::locale::Locale;
use crate::pages::case::files::FileData;
use crate::pages::case::history::versions;
use crate::pages::case::records::{Others, RecordsData};
use crate::pages::case::ties::TiesData;
use crate::pages::cases::list::{Around, around};
use crate::pages::outbox::carried;
use crate::registry::ActionView;
use crate::visit::Visit;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use sagsgang_domain::{Case, Channel, Entry, MessageId, Right};
use sagsgang_runtime::{
    AccountView, ButtonPlace, ButtonView, CaseFilter, CaseRef, ContainerRef, Document, PropertyRef,
    RunFilter, RunView,
};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Entries of the history read at a time.
const HISTORY_PAGE: u32 = 500;
/// Runs of a case to which its page leads.
const MOST_RUN_LINKS: u32 = 3;
/// Containers of a case whose other cases are counted.
const MOST_OWN: usize = 8;
/// Workflows under way that are told.
const MOST_RUNS: u32 = 10;
/// Other cases are counted until there are so many.
const MOST_OTHERS: u32 = 1_000;

/// What the address of a case says beside its number.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Shown {
    tab: Option<String>,
    saved: Option<String>,
    /// A message that is to be answered.
    answer: Option<MessageId>,
    /// A message that is to be sent on.
    forward: Option<MessageId>,
    /// Number of the case that was moved on just before.
    moved: Option<String>,
}

/// Shows a case.
pub(crate) async fn show(
    visit: Visit,
    Path(number): Path<String>,
    Query(shown): Query<Shown>,
) -> Answer {
    let mut data = gather(&visit, &number).await?;
    surround(&visit, &mut data).await?;
    let account = visit.caller()?.actor.id;
    visit.engine.look_at(&account, &data.case).await?;
    let saved = shown.saved.as_deref().and_then(saved_text);
    let kept = shown.saved.as_deref().and_then(kept_text);
    let (sent, kind) = match saved.or(kept) {
        Some("saved-note") => (true, Kind::Note),
        Some("saved-sms" | "saved-sms-kept") => (true, Kind::Sms),
        Some("saved-email" | "saved-email-kept") => (true, Kind::Email),
        _ => (false, Kind::Note),
    };
    let draft = Draft {
        sent,
        kind,
        ..Draft::default()
    };
    let mut frame = visit.frame().await?;
    let answers = shown.answer.or(shown.forward).is_some();
    // What is written for the house must not go to the customer, and not be lost either.
    let has_note = data.own.draft.as_ref().is_some_and(|(draft, _)| {
        let body = draft["body"].as_str().unwrap_or_default();
        draft["kind"] == "note" && !body.trim().is_empty()
    });
    let begun = begun(&visit, &data, &shown).filter(|_| !has_note);
    if answers && has_note {
        let said = Alert::warning(visit.locale.text("note-first"));
        frame.alerts.push(said);
    }
    let draft = begun.unwrap_or(draft);
    let (tab, was_saved) = (shown.tab.clone(), shown.saved.is_some());
    let kept = kept.map(|key| Alert::warning(visit.locale.text(key)));
    frame.alerts.extend(kept);
    frame.alerts.extend(moved(&shown.moved, visit.locale));
    let page = CasePage::new(
        frame,
        &data,
        CaseState {
            tab: tab.clone(),
            saved,
            draft,
            ..CaseState::default()
        },
    );
    let mut response = visit.page(page)?;
    // What was said stands on the page; the address goes back to that of the case, so that who loads it again neither hears
    // it twice nor finds a message begun anew that has just been sent.
    if visit.fragment && was_saved {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(tab.iter().map(|tab| ("tab", tab)));
        let plain = format!("/cases/{number}?{}", query.finish());
        if let Ok(plain) = plain.trim_end_matches('?').parse() {
            response.headers_mut().insert("hx-replace-url", plain);
        }
    }
    Ok(response)
}

/// What stands in the composer where a message is answered or sent on. What has been written already stays.
fn begun(visit: &Visit, data: &CaseData, shown: &Shown) -> Option<Draft> {
    let message = data.messages.get(&shown.answer.or(shown.forward)?)?;
    let is_answer = shown.answer.is_some();
    let written = data.own.draft.as_ref();
    let body = written.and_then(|(draft, _)| draft["body"].as_str());
    let to = Some(message.from.clone()).filter(|_| is_answer);
    let (kind, phone, address) = match message.channel {
        Channel::Sms if is_answer => (Kind::Sms, to, None),
        _ => (Kind::Email, None, to.or(Some(String::new()))),
    };
    let quoted = || {
        let from = message.from_name.as_ref().unwrap_or(&message.from);
        let values = [("from", from.as_str()), ("text", message.text.as_str())];
        visit.locale.with("forwarded", values)
    };
    Some(Draft {
        kind,
        phone,
        address,
        body: match (body.unwrap_or_default(), is_answer) {
            (body, true) => body.to_owned(),
            ("", false) => quoted(),
            // Begun before, by the same link.
            (body, false) if body.contains(&*quoted()) => body.to_owned(),
            (body, false) => format!("{body}\n\n{}", quoted()),
        },
        files: data.own.draft_files.clone(),
        chosen: true,
        ..Draft::default()
    })
}

/// What is said where a person comes to from a case that they have moved on.
pub(crate) fn moved(number: &Option<String>, locale: Locale) -> Option<Alert> {
    let is_digit = |letter: char| letter.is_alphanumeric() || "-/.".contains(letter);
    let number = number.as_ref().filter(|text| text.chars().all(is_digit))?;
    let said = locale.with("case-moved-on", [("number", number.as_str())]);
    Some(Alert::good(said))
}

/// The page again, with what was wrong; the status says whether the case or the input stood in the way.
pub(crate) async fn again(
    visit: &Visit,
    mut data: CaseData,
    status: StatusCode,
    problem: Option<String>,
    state: CaseState,
) -> Answer {
    surround(visit, &mut data).await?;
    let mut frame = visit.frame().await?;
    frame.alerts.extend(problem.map(Alert::bad));
    let mut response = visit.page(CasePage::new(frame, &data, state))?;
    *response.status_mut() = status;
    Ok(response)
}

/// The address of a case after something was saved.
pub(crate) fn address(number: &str, tab: &str, saved: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("saved", saved);
    if !tab.is_empty() {
        query.append_pair("tab", tab);
    }
    format!("/cases/{number}?{}", query.finish())
}

/// What was saved, by its name in the address.
fn saved_text(name: &str) -> Option<&'static str> {
    Some(match name {
        "status" => "saved-status",
        "priority" => "saved-priority",
        "assignee" => "saved-assignee",
        "due" => "saved-due",
        "details" => "saved-details",
        "undo" => "saved-undo",
        "note" => "saved-note",
        "sms" => "saved-sms",
        "email" => "saved-email",
        "retracted" => "saved-retracted",
        "resend" => "message-queued-now",
        "attachment" => "saved-attachment",
        "task-made" => "saved-task-made",
        "link" => "saved-link",
        "record" => "saved-record",
        "record-link" => "saved-record-link",
        "unlink" => "saved-unlink",
        "merge" => "saved-merge",
        "unmerge" => "saved-unmerge",
        "split" => "saved-split",
        "task" => "saved-task",
        "macro" => "action-done",
        "follow" => "saved-follow",
        "unfollow" => "saved-unfollow",
        "draft" => "draft-saved",
        "tag" => "saved-tag",
        "untag" => "saved-untag",
        "action" => "action-done",
        _ => return None,
    })
}

/// What was saved and goes nowhere yet.
fn kept_text(name: &str) -> Option<&'static str> {
    match name {
        "sms-kept" => Some("saved-sms-kept"),
        "email-kept" => Some("saved-email-kept"),
        "retracted-beside" => Some("saved-retracted-beside"),
        "files-kept" => Some("new-case-files-kept"),
        _ => None,
    }
}

/// Reads everything that the page of a case shows.
pub(crate) async fn gather(visit: &Visit, number: &str) -> Result<CaseData, Failure> {
    let engine = &visit.engine;
    let view = engine
        .case_view(&CaseRef::Number(number.to_owned()))
        .await?
        .ok_or(Failure::NotFound)?;
    let (people, teams) = handlers(engine.accounts().await?);
    let buttons = engine.buttons(ButtonPlace::Case, Some(&view.case), visit.locale.tag());
    let own_containers = view.containers.len();
    let account = visit.caller()?.actor.id;
    let draft = engine.kept_draft(&account, &view.case).await?;
    let own = OwnData {
        following: engine.is_following(&account, &view.case).await?,
        draft_files: match &draft {
            Some((draft, _)) => written::of_draft(visit, view.case.id, draft).await?,
            None => Vec::new(),
        },
        draft,
        onlookers: engine.onlookers(&account, &view.case).await?,
        around: Around::default(),
    };
    let entries = history(visit, &view.case).await?;
    let seen = seen::of(&entries);
    let versions = versions(&entries).into_iter();
    let versions = versions.filter_map(|version| engine.case_type(&view.case.case_type, version));
    Ok(CaseData {
        classification: view.classification,
        versions: versions.collect(),
        entries,
        messages: view
            .messages
            .into_iter()
            .map(|message| (message.id, message))
            .collect(),
        carried: carried(engine),
        files: view.documents.iter().map(file).collect(),
        records: RecordsData {
            containers: view
                .containers
                .into_iter()
                .chain(view.property_containers)
                .collect(),
            own_containers,
            property: view.property,
            own_agreements: !view.case.agreements.is_empty(),
            agreements: view.agreements,
            contacts: view.contacts,
            seen,
            others: HashMap::new(),
        },
        people,
        teams,
        buttons: buttons.into_iter().map(button).collect(),
        panels: engine.panels(&view.case, visit.locale.tag()),
        ties: TiesData {
            tied: view.tied,
            sources: view.sources,
            similar: view.similar,
            case_types: engine
                .case_types()
                .into_iter()
                .map(|one| (one.name.clone(), one))
                .collect(),
        },
        own,
        run_links: run_links(visit, &view.case).await?,
        macros: engine.macros(&view.case.case_type, visit.locale.tag()),
        templates: engine.templates(visit.locale.tag()),
        runs: Vec::new(),
        case_type: view.case_type,
        case: view.case,
    })
}

/// Adds what stands around the case: its place in the list that one comes from, and what else its records are about. Only a
/// page that is drawn needs it.
async fn surround(visit: &Visit, data: &mut CaseData) -> Result<(), Failure> {
    data.own.around = around(visit, &data.case).await?;
    data.runs = visit.engine.open_runs(data.case.id, MOST_RUNS).await?;
    data.records.others = others(visit, data).await?;
    Ok(())
}

/// How many other cases are about the property of a case and about its own containers.
async fn others(visit: &Visit, data: &CaseData) -> Result<HashMap<Uuid, Others>, Failure> {
    let case = &data.case;
    let mut filters = Vec::new();
    if let Some(property) = case.property {
        let filter = CaseFilter {
            property: Some(PropertyRef::Id(property)),
            ..CaseFilter::default()
        };
        filters.push((property.0, filter));
    }
    for container in case.containers.iter().take(MOST_OWN) {
        let filter = CaseFilter {
            container: Some(ContainerRef::Id(*container)),
            ..CaseFilter::default()
        };
        filters.push((container.0, filter));
    }
    let case_type = data.case_type.as_deref();
    let is_done = case_type.is_some_and(|one| one.is_final(&case.status));
    let mut others = HashMap::new();
    for (id, filter) in filters {
        let open = CaseFilter {
            open: true,
            ..filter.clone()
        };
        let all = visit.engine.count_cases(&filter, MOST_OTHERS).await?;
        let open = visit.engine.count_cases(&open, MOST_OTHERS).await?;
        // The case itself is one of them.
        let counted = Others {
            all: all.saturating_sub(1),
            open: open.saturating_sub(u64::from(!is_done)),
        };
        others.insert(id, counted);
    }
    Ok(others)
}

/// The history up to the version that is shown: what happened since then is on the page when it is drawn again.
pub(crate) async fn history(visit: &Visit, case: &Case) -> Result<Vec<Entry>, Failure> {
    let mut entries: Vec<Entry> = Vec::new();
    loop {
        let after = entries.last().map_or(0, |entry| entry.seq);
        let page = visit.engine.history(case.id, after, HISTORY_PAGE).await?;
        let more = page.len() == HISTORY_PAGE as usize;
        entries.extend(page);
        if !more {
            entries.retain(|entry| entry.version <= case.version);
            return Ok(entries);
        }
    }
}

/// The newest runs of a case, for who may look at runs.
async fn run_links(visit: &Visit, case: &Case) -> Result<Vec<(String, String)>, Failure> {
    if !visit.caller()?.may(Right::OperateRuns) {
        return Ok(Vec::new());
    }
    let filter = RunFilter {
        case: Some(case.id),
        ..RunFilter::default()
    };
    let runs = visit.engine.runs(&filter, MOST_RUN_LINKS).await?;
    let link = |run: RunView| (format!("/settings/runs/{}", run.id), run.title);
    Ok(runs.into_iter().map(link).collect())
}

/// The users to whom a case can be given, with their shown names, and their teams.
pub(crate) fn handlers(accounts: Vec<AccountView>) -> (Vec<(String, String)>, Vec<String>) {
    let handle = |account: &AccountView| {
        let mut roles = account.roles.iter();
        !account.disabled && roles.any(|role| Right::SetStatus.roles().contains(role))
    };
    let accounts: Vec<_> = accounts.into_iter().filter(handle).collect();
    let teams: BTreeSet<_> = accounts.iter().filter_map(|one| one.team.clone()).collect();
    let people = accounts
        .into_iter()
        .map(|account| (account.name, account.display_name));
    (people.collect(), teams.into_iter().collect())
}

/// A kept file as pages list it.
pub(crate) fn file(document: &Document) -> FileData {
    FileData {
        id: document.id,
        name: document.name.clone(),
        media_type: document.media_type.clone(),
        size: document.size,
        at: Some(document.created_at),
    }
}

/// A plugin names one letter as its key; it is pressed with shift, since single letters are ours.
fn button(button: ButtonView) -> ActionView {
    ActionView {
        id: button.action,
        label: button.title,
        key: button
            .key
            .map(|key| format!("Shift {}", key.to_uppercase())),
        icon: icon(button.icon.as_deref().unwrap_or_default()),
        goes: true,
        target: String::new(),
    }
}

/// Icons that a manifest can name.
const ICONS: [&str; 14] = [
    "bin", "bolt", "clip", "doc", "flag", "home", "image", "label", "link", "mail", "print",
    "refresh", "sms", "user",
];

/// An icon by the name that a manifest has for it.
pub(crate) fn icon(name: &str) -> &'static str {
    // Manifests call the printer by its name.
    let name = if name == "printer" { "print" } else { name };
    ICONS.into_iter().find(|one| *one == name).unwrap_or("plug")
}
