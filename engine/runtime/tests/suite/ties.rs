//! Links between cases, merges and splits: what one case is told, the other one knows.

use crate::world::{World, caseworker, command, missed, note};
use sagsgang_domain::*;
use sagsgang_runtime::*;
use serde_json::{Value, json};

async fn case(world: &World, title: &str, change: impl FnOnce(&mut NewCase)) -> Case {
    let mut new = missed(json!({}));
    title.clone_into(&mut new.title);
    change(&mut new);
    let (engine, caller) = (&world.engine, caseworker());
    let created = engine.create_case(&caller, new, None, None).await;
    created.unwrap().case
}

async fn ask(world: &World, case: &Case, asked: Value) -> Result<Executed, ExecuteError> {
    let case = CaseRef::Id(case.id);
    let commands = vec![command(asked)];
    world
        .engine
        .execute(&caseworker(), &case, commands, None, None)
        .await
}

async fn view(world: &World, case: &Case) -> CaseView {
    let view = world.engine.case_view(&CaseRef::Id(case.id)).await;
    view.unwrap().unwrap()
}

fn code(asked: Result<Executed, ExecuteError>) -> &'static str {
    match asked {
        Err(ExecuteError::Rejected(rejection)) => rejection.code(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_stands_in_both_cases_and_goes_from_both() {
    let world = World::new().await;
    let (whole, part) = (
        case(&world, "Hele vejen", |_| ()).await,
        case(&world, "Nummer 7", |_| ()).await,
    );
    let link = json!({ "type": "link", "kind": "case", "id": whole.id, "relation": "parent" });
    ask(&world, &part, link.clone()).await.unwrap();
    let shown = view(&world, &whole).await;
    assert_eq!(shown.tied[0].case.number, part.number);
    assert_eq!(shown.tied[0].relation, Relation::Child);
    assert_eq!(view(&world, &part).await.tied[0].relation, Relation::Parent);
    for (one, other) in [(&whole, &part), (&part, &whole)] {
        let history = world.engine.history(one.id, 0, 50).await.unwrap();
        let linked = history.iter().find(|entry| entry.kind == "case.linked.v1");
        let title = linked.unwrap().data["title"].as_str().unwrap();
        assert!(title.starts_with(&other.number), "{title}");
    }
    assert_eq!(code(ask(&world, &part, link).await), "already-linked");
    let unlink = json!({ "type": "unlink", "kind": "case", "id": part.id });
    ask(&world, &whole, unlink).await.unwrap();
    assert!(view(&world, &part).await.tied.is_empty());
    assert!(
        world
            .history_kinds(part.id)
            .await
            .contains(&"case.unlinked.v1".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_not_a_part_of_itself_by_any_way() {
    let world = World::new().await;
    let mut cases = Vec::new();
    for title in ["a", "b", "c"] {
        cases.push(case(&world, title, |_| ()).await);
    }
    let parent =
        |id: CaseId| json!({ "type": "link", "kind": "case", "id": id, "relation": "parent" });
    ask(&world, &cases[0], parent(cases[1].id)).await.unwrap();
    ask(&world, &cases[1], parent(cases[2].id)).await.unwrap();
    let circle = ask(&world, &cases[2], parent(cases[0].id)).await;
    assert_eq!(code(circle), "circular-link");
    assert!(
        view(&world, &cases[2]).await.case.parent.is_none(),
        "what the other case refuses is not done in this one either"
    );
    let second = ask(&world, &cases[0], parent(cases[2].id)).await;
    assert_eq!(code(second), "has-parent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_case_goes_on_in_the_other_one_and_can_be_taken_back() {
    let world = World::new().await;
    let anna = Contact {
        id: ContactId(crate::cases::uuid(1)),
        kind: ContactKind::Person,
        name: "Anna Lindegård".to_owned(),
        cvr: None,
        cpr: None,
        emails: Vec::new(),
        phones: Vec::new(),
        role: "reporter".to_owned(),
        property: None,
        protected: false,
    };
    world.engine.put(&caseworker(), anna.clone()).await.unwrap();
    let target = case(&world, "Først meldt", |_| ()).await;
    let twin = case(&world, "Meldt igen", |new| new.contacts = vec![anna.id]).await;
    ask(
        &world,
        &twin,
        json!({ "type": "note", "text": "Naboen har også ringet" }),
    )
    .await
    .unwrap();
    let merge = |into: CaseId| json!({ "type": "merge", "into": into });
    assert_eq!(
        code(ask(&world, &twin, merge(twin.id)).await),
        "merge-into-itself"
    );
    let merged = ask(&world, &twin, merge(target.id)).await.unwrap().case;
    assert_eq!(merged.status, "closed");
    assert_eq!(merged.merged_into.unwrap().number, target.number);
    let shown = view(&world, &target).await;
    assert_eq!(shown.case.contacts, [anna.id]);
    let said = shown.sources[0].entries.iter();
    assert!(
        said.clone()
            .any(|entry| entry.data.get("text") == Some(&json!("Naboen har også ringet")))
    );
    let refused = ask(&world, &twin, json!({ "type": "note", "text": "mere" })).await;
    assert_eq!(code(refused), "case-merged");
    let third = case(&world, "Tredje", |_| ()).await;
    let into_merged = ask(&world, &third, merge(twin.id)).await;
    assert_eq!(code(into_merged), "case-merged");
    let mail = "From: Ib <ib@borger.example>\r\nTo: affald@eksempelkoebing.example\r\nSubject: Mere\r\nMessage-ID: <mere@borger.example>\r\n\r\nHej\r\n";
    let message = world.engine.deliver_mail(mail.into()).await.unwrap();
    let number = CaseRef::Number(twin.number.clone());
    let linked = world
        .engine
        .link_message(&caseworker(), message.id, &number, None, None)
        .await
        .unwrap();
    assert_eq!(
        linked.case.id, target.id,
        "it goes to where the case goes on"
    );
    let back = ask(&world, &twin, json!({ "type": "unmerge" })).await;
    let back = back.unwrap().case;
    assert_eq!((back.status.as_str(), back.merged_into), ("created", None));
    let shown = view(&world, &target).await;
    assert!(shown.sources.is_empty() && shown.case.contacts.is_empty());
    assert_eq!(shown.case.messages, [message.id], "what came since stays");
    let again = ask(&world, &twin, json!({ "type": "unmerge" })).await;
    assert_eq!(code(again), "not-merged");
    for one in [&twin, &target] {
        world.history_kinds(one.id).await;
    }
    let report = world.engine.verify(|_| ()).await.unwrap();
    assert_eq!(report.first_bad, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn ties_and_tags_go_along_with_a_merge_and_come_back_with_its_end() {
    let world = World::new().await;
    let tagged = |tags: &[&str]| {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        move |new: &mut NewCase| new.tags = tags
    };
    let target = case(&world, "Først meldt", tagged(&["nord"])).await;
    let twin = case(&world, "Meldt igen", tagged(&["nord", "storm"])).await;
    let mut others = Vec::new();
    for title in ["Nabo", "Hele vejen", "Nummer 7", "Kendt", "Gammel"] {
        others.push(case(&world, title, |_| ()).await);
    }
    let [neighbour, whole, part, known, old] = others.try_into().unwrap();
    let link = |id: CaseId, relation: &str| json!({ "type": "link", "kind": "case", "id": id, "relation": relation });
    for (other, relation) in [
        (&neighbour, "related"),
        (&whole, "parent"),
        (&part, "child"),
        (&known, "related"),
        (&old, "related"),
    ] {
        ask(&world, &twin, link(other.id, relation)).await.unwrap();
    }
    ask(&world, &target, link(known.id, "related"))
        .await
        .unwrap();
    let merge = |into: CaseId| json!({ "type": "merge", "into": into });
    ask(&world, &old, merge(known.id)).await.unwrap();
    let ties = async |of: &Case| {
        let shown = view(&world, of).await;
        let mut ties: Vec<_> = shown
            .tied
            .iter()
            .map(|one| (one.case.title.clone(), one.relation))
            .collect();
        ties.sort_by(|one, other| one.0.cmp(&other.0));
        ties
    };
    let named = |ties: &[(&str, Relation)]| -> Vec<(String, Relation)> {
        ties.iter()
            .map(|(title, relation)| ((*title).to_owned(), *relation))
            .collect()
    };
    let before = ties(&twin).await;
    ask(&world, &twin, merge(target.id)).await.unwrap();
    assert_eq!(
        ties(&target).await,
        named(&[
            ("Hele vejen", Relation::Parent),
            ("Kendt", Relation::Related),
            ("Nabo", Relation::Related),
            ("Nummer 7", Relation::Child),
        ])
    );
    assert_eq!(
        ties(&part).await,
        named(&[("Først meldt", Relation::Parent)]),
        "a part has one whole"
    );
    assert_eq!(
        ties(&neighbour).await,
        named(&[("Først meldt", Relation::Related)])
    );
    let tags = async |of: &Case| view(&world, of).await.case.tags;
    assert_eq!(Vec::from_iter(tags(&target).await), ["nord", "storm"]);
    let found = CaseFilter {
        tag: Some("storm".to_owned()),
        ..CaseFilter::default()
    };
    assert_eq!(world.engine.count_cases(&found, 9).await.unwrap(), 2);
    // What has been changed since is left as it is.
    let unlink = json!({ "type": "unlink", "kind": "case", "id": neighbour.id });
    ask(&world, &target, unlink).await.unwrap();
    ask(&world, &twin, json!({ "type": "unmerge" }))
        .await
        .unwrap();
    let mut expected = before;
    expected.retain(|(title, _)| title != "Nabo");
    assert_eq!(ties(&twin).await, expected);
    assert_eq!(ties(&target).await, named(&[("Kendt", Relation::Related)]));
    assert_eq!(
        ties(&part).await,
        named(&[("Meldt igen", Relation::Parent)])
    );
    assert_eq!(Vec::from_iter(tags(&target).await), ["nord"]);
    assert_eq!(Vec::from_iter(tags(&twin).await), ["nord", "storm"]);
    assert_eq!(world.engine.count_cases(&found, 9).await.unwrap(), 1);
    let report = world.engine.verify(|_| ()).await.unwrap();
    assert_eq!(report.first_bad, None);
}

/// What is let go in the same request stays behind, and what another merged case has too stays when one comes back.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_let_go_with_a_merge_stays_and_what_two_merges_brought_stays_with_one() {
    let world = World::new().await;
    let stormy = |new: &mut NewCase| new.tags = vec!["storm".to_owned(), "nord".to_owned()];
    let target = case(&world, "Først meldt", |_| ()).await;
    let (twin, third) = (
        case(&world, "Meldt igen", stormy).await,
        case(&world, "Meldt en gang til", stormy).await,
    );
    let neighbour = case(&world, "Nabo", |_| ()).await;
    let tie = |kind: &str| command(json!({ "type": kind, "kind": "case", "id": neighbour.id }));
    let jonas = caseworker();
    let execute = async |of: &Case, commands: Vec<Command>| {
        let of = CaseRef::Id(of.id);
        let done = world.engine.execute(&jonas, &of, commands, None, None);
        done.await.unwrap()
    };
    execute(&twin, vec![tie("link")]).await;
    let merge = || command(json!({ "type": "merge", "into": target.id }));
    let untag = command(json!({ "type": "untag", "tag": "nord" }));
    execute(&twin, vec![tie("unlink"), untag, merge()]).await;
    let there = view(&world, &target).await;
    assert!(there.tied.iter().all(|one| one.case.id != neighbour.id));
    assert_eq!(Vec::from_iter(there.case.tags), ["storm"]);
    execute(&third, vec![merge()]).await;
    let unmerge = || command(json!({ "type": "unmerge" }));
    execute(&twin, vec![unmerge()]).await;
    let tags = view(&world, &target).await.case.tags;
    assert_eq!(
        Vec::from_iter(tags),
        ["nord", "storm"],
        "the third one has it too"
    );
    execute(&third, vec![unmerge()]).await;
    let tags = view(&world, &target).await.case.tags;
    assert_eq!(
        Vec::from_iter(tags),
        ["storm"],
        "it came with the first merge, and nobody has it of a merge any more"
    );
}

/// A circle that a merge would make is not made; the merge is none the less.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_merged_into_one_that_stands_above_its_whole() {
    let world = World::new().await;
    let (top, middle, low) = (
        case(&world, "Top", |_| ()).await,
        case(&world, "Midt", |_| ()).await,
        case(&world, "Bund", |_| ()).await,
    );
    let part_of =
        |id: CaseId| json!({ "type": "link", "kind": "case", "id": id, "relation": "parent" });
    ask(&world, &middle, part_of(top.id)).await.unwrap();
    ask(&world, &low, part_of(middle.id)).await.unwrap();
    let merge = json!({ "type": "merge", "into": top.id });
    ask(&world, &low, merge).await.unwrap();
    assert_eq!(view(&world, &top).await.case.parent, None);
    assert_eq!(view(&world, &low).await.case.parent, Some(middle.id));
}

/// A merge is no step of the case type: it ends the case also where no transition leads to its end, or one asks for a reason.
#[tokio::test(flavor = "multi_thread")]
async fn a_merged_case_ends_by_a_rule_of_its_own() {
    let world = World::new().await;
    world
        .publish(
            "caseType: test.guarded\nversion: 1\n\
             statuses: { created: { initial: true }, answered: { final: true }, rejected: { final: true } }\n\
             transitions: [ { name: reject, from: [created], to: rejected, guard: '.reason != null' } ]\n",
        )
        .await;
    let guarded = |new: &mut NewCase| new.case_type = "test.guarded".to_owned();
    let (twin, target) = (
        case(&world, "Meldt igen", guarded).await,
        case(&world, "Først meldt", guarded).await,
    );
    let by_hand = ask(
        &world,
        &twin,
        json!({ "type": "set-status", "status": "answered" }),
    )
    .await;
    assert_eq!(code(by_hand), "illegal-transition");
    let merge = json!({ "type": "merge", "into": target.id });
    let merged = ask(&world, &twin, merge).await.unwrap().case;
    assert_eq!(
        merged.status, "answered",
        "the first final one where none is called closed"
    );
    let back = ask(&world, &twin, json!({ "type": "unmerge" }))
        .await
        .unwrap()
        .case;
    assert_eq!(back.status, "created");
    let reader = Caller {
        roles: vec![Role::Configurator],
        ..caseworker()
    };
    let refused = vec![command(json!({ "type": "merge", "into": target.id }))];
    let of = CaseRef::Id(twin.id);
    let refused = world.engine.execute(&reader, &of, refused, None, None);
    assert_eq!(code(refused.await), "not-allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_split_case_keeps_a_link_to_where_it_came_from() {
    let world = World::new().await;
    let case = case(&world, "To ting på én gang", |_| ()).await;
    let executed = world
        .engine
        .execute(
            &caseworker(),
            &CaseRef::Id(case.id),
            vec![note("Den grønne beholder"), note("Hækken skal klippes")],
            None,
            None,
        )
        .await
        .unwrap();
    let seq = executed.entries[1].seq;
    let nothing = json!({ "type": "split", "title": "Hæk", "entries": [] });
    assert_eq!(code(ask(&world, &case, nothing).await), "empty");
    let change = json!({ "type": "split", "title": "Hæk", "entries": [1] });
    assert_eq!(code(ask(&world, &case, change).await), "not-found");
    let split = json!({ "type": "split", "title": "Hæk", "entries": [seq] });
    let done = ask(&world, &case, split).await.unwrap();
    let number = done.entries[0].data["number"].as_str().unwrap();
    let new = CaseRef::Number(number.to_owned());
    let new = world.engine.case_view(&new).await.unwrap().unwrap();
    assert_eq!(new.case.title, "Hæk");
    assert_eq!(new.case.split_from.as_ref().unwrap().number, case.number);
    assert_eq!(new.sources[0].entries.len(), 1);
    assert_eq!(
        new.sources[0].entries[0].data["text"],
        "Hækken skal klippes"
    );
    assert_eq!(new.tied[0].case.number, case.number);
    assert_eq!(view(&world, &case).await.tied[0].case.number, number);
}

/// The version in force does not describe all that an older one took.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_of_an_older_version_is_split_into_what_the_one_in_force_takes() {
    let world = World::new().await;
    let text = |version: u32, more: &str| {
        format!(
            "caseType: test.old\nversion: {version}\n\
             fields: {{ type: object, {more} properties: {{ kept: {{ type: string }} }} }}\n\
             statuses: {{ created: {{ initial: true }}, closed: {{ final: true }} }}\n\
             transitions: [ {{ name: close, from: '*', to: closed }} ]\n"
        )
    };
    world.publish(&text(1, "additionalProperties: true,")).await;
    let case = case(&world, "To ting", |new| {
        new.case_type = "test.old".to_owned();
        let fields = json!({ "kept": "a", "gone": "b" });
        new.fields = fields.as_object().unwrap().clone();
    })
    .await;
    let text_of_note = json!({ "type": "note", "text": "Den anden ting" });
    let seq = ask(&world, &case, text_of_note).await.unwrap().entries[0].seq;
    world.publish(&text(2, "")).await;
    let split = json!({ "type": "split", "title": "Den anden", "entries": [seq] });
    let done = ask(&world, &case, split).await.unwrap();
    let number = done.entries[0].data["number"].as_str().unwrap();
    let new = CaseRef::Number(number.to_owned());
    let new = world.engine.case(&new).await.unwrap().unwrap();
    assert_eq!(
        serde_json::Value::Object(new.fields),
        json!({ "kept": "a" })
    );
    assert_eq!(view(&world, &case).await.case.fields["gone"], "b");
}

/// The reporter has a receipt for what they wrote; a second one, of a number that they do not know, only raises questions.
#[tokio::test(flavor = "multi_thread")]
async fn a_split_case_sends_its_reporter_no_second_receipt() {
    let world = World::new().await;
    let anna = Contact {
        id: ContactId(crate::cases::uuid(9)),
        kind: ContactKind::Person,
        name: "Anna Lind".to_owned(),
        cvr: None,
        cpr: None,
        emails: vec!["anna@borger.example".to_owned()],
        phones: Vec::new(),
        role: "owner".to_owned(),
        property: None,
        protected: false,
    };
    let id = anna.id;
    world.engine.put(&caseworker(), anna).await.unwrap();
    let case = case(&world, "To ting på én gang", |new| {
        new.contacts = vec![id];
    })
    .await;
    let receipts = async || {
        let outbox = world.engine.outbox().await.unwrap();
        let to = |one: &&Message| one.to == "anna@borger.example";
        outbox.iter().filter(to).count()
    };
    world.completed(case.id, "waste/missed-collection").await;
    assert_eq!(receipts().await, 1);
    let (caller, of) = (caseworker(), CaseRef::Id(case.id));
    let noted = vec![note("Hækken skal klippes")];
    let noted = world.engine.execute(&caller, &of, noted, None, None).await;
    let seq = noted.unwrap().entries[0].seq;
    let split = json!({ "type": "split", "title": "Hæk", "entries": [seq] });
    let done = ask(&world, &case, split).await.unwrap();
    let number = done.entries[0].data["number"].as_str().unwrap();
    let new = CaseRef::Number(number.to_owned());
    let new = world.engine.case(&new).await.unwrap().unwrap();
    assert_eq!(new.contacts, [id], "it could have been written to");
    world.completed(new.id, "waste/missed-collection").await;
    assert_eq!(receipts().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_report_of_the_same_thing_is_suggested() {
    let world = World::new().await;
    let property = PropertyId(crate::cases::uuid(7));
    let record = Property {
        id: property,
        municipality_code: "0999".to_owned(),
        property_number: "000007".to_owned(),
        bfe: None,
        address: Address::default(),
        kind: String::new(),
        area: String::new(),
        conditions: None,
    };
    let changed = world.engine.put(&caseworker(), record).await;
    changed.unwrap();
    let at = |fraction: &str| {
        let fields = json!({ "fraction": fraction });
        move |new: &mut NewCase| {
            new.property = Some(property);
            new.fields = fields.as_object().unwrap().clone();
        }
    };
    let first = case(&world, "Ikke tømt", at("residual")).await;
    let second = case(&world, "Stadig ikke tømt", at("residual")).await;
    let other = case(&world, "Pap", at("cardboard")).await;
    let similar = view(&world, &second).await.similar;
    assert_eq!(similar.len(), 1, "{similar:?}");
    assert_eq!(similar[0].number, first.number);
    assert!(view(&world, &other).await.similar.is_empty());
    let merge = json!({ "type": "merge", "into": first.id });
    ask(&world, &second, merge).await.unwrap();
    assert!(view(&world, &first).await.similar.is_empty());
}
