//! Reads the tasks that hold other tasks or decide between them.

use super::Build;
use super::value::word;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::reader::Fields;
use crate::template::Template;
use crate::workflow::task::{
    Case, Catch, ForTask, Foreach, Listen, TaskId, TaskKind, TaskList, Try,
};
use crate::yaml::Node;

impl Build<'_, '_> {
    pub(super) fn for_task(
        &mut self,
        fields: &mut Fields<'_>,
        node: &Node,
        reference: &str,
    ) -> Option<TaskKind> {
        let mut rule = self.reader.mapping(node, "`for`")?;
        let each = self.variable_name(rule.take("each"), "`each`", "item");
        let at = self.variable_name(rule.take("at"), "`at`", "index");
        let items = rule
            .require(self.reader, "in")
            .and_then(|node| match word(node) {
                Some(_) => self.expression(node, "`in`").map(Template::Expression),
                None => {
                    self.reader.sequence(node, "`in`")?;
                    self.template(node)
                }
            });
        rule.finish(self.reader);
        let (condition, body) = (fields.take("while"), fields.require(self.reader, "do"));
        let (condition, body) = self.with_scope(&[&each, &at], |build| {
            let condition = condition.map(|node| build.expression(node, "`while`"));
            (
                condition,
                body.and_then(|node| build.task_list(node, &format!("{reference}/do"))),
            )
        });
        let condition = match condition {
            Some(condition) => Some(condition?),
            None => None,
        };
        Some(TaskKind::For(Box::new(ForTask {
            each,
            at,
            items: items?,
            condition,
            body: body?,
        })))
    }

    pub(super) fn fork(&mut self, node: &Node, reference: &str) -> Option<TaskKind> {
        let mut fields = self.reader.mapping(node, "`fork`")?;
        let branches = fields.require(self.reader, "branches");
        let compete = fields
            .take("compete")
            .and_then(|node| self.reader.boolean(node, "`compete`"))
            .unwrap_or(false);
        fields.finish(self.reader);
        let branches = self.task_list(branches?, &format!("{reference}/fork/branches"))?;
        let exports = |id: &&TaskId| self.exports(**id);
        if !compete && branches.0.iter().filter(exports).count() > 1 {
            let message = "several branches export to the context";
            let hint = "the branch that ends last wins; collect the results in `output` instead";
            self.reader
                .add(Diagnostic::new(node.at, &codes::EXPORT_IN_BRANCHES, message).with_hint(hint));
        }
        Some(TaskKind::Fork { branches, compete })
    }

    /// Whether a task exports to the context, or one within it does.
    fn exports(&self, id: TaskId) -> bool {
        let Some(task) = self.tasks.get(id.0 as usize).and_then(Option::as_ref) else {
            return false;
        };
        let one_of = |list: &TaskList| list.0.iter().any(|id| self.exports(*id));
        let within = match &task.kind {
            TaskKind::Do(list) | TaskKind::Fork { branches: list, .. } => one_of(list),
            TaskKind::For(each) => one_of(&each.body),
            TaskKind::Try(attempt) => {
                one_of(&attempt.body) || attempt.catch.body.as_ref().is_some_and(one_of)
            }
            TaskKind::Listen(listen) => listen
                .foreach
                .as_ref()
                .is_some_and(|each| one_of(&each.body)),
            _ => false,
        };
        within || task.export.r#as.is_some()
    }

    pub(super) fn listen(
        &mut self,
        fields: &mut Fields<'_>,
        node: &Node,
        reference: &str,
    ) -> Option<TaskKind> {
        let foreach = fields.take("foreach");
        let mut fields = self.reader.mapping(node, "`listen`")?;
        let strategy = fields
            .require(self.reader, "to")
            .and_then(|node| self.strategy(node));
        let read = fields
            .take("read")
            .map(|node| self.read_as(node))
            .unwrap_or_default();
        fields.finish(self.reader);
        let foreach = match foreach {
            Some(node) => Some(self.foreach(node, reference)?),
            None => None,
        };
        Some(TaskKind::Listen(Box::new(Listen {
            strategy: strategy?,
            read,
            foreach,
        })))
    }

    fn foreach(&mut self, node: &Node, reference: &str) -> Option<Foreach> {
        let mut fields = self.reader.mapping(node, "`foreach`")?;
        let item = self.variable_name(fields.take("item"), "`item`", "item");
        let at = self.variable_name(fields.take("at"), "`at`", "index");
        let (body, output, export) = (
            fields.take("do"),
            fields.take("output"),
            fields.take("export"),
        );
        fields.finish(self.reader);
        self.with_scope(&[&item.clone(), &at.clone()], |build| {
            let body = match body {
                Some(node) => build.task_list(node, &format!("{reference}/foreach/do"))?,
                None => Default::default(),
            };
            let output = output
                .map(|node| build.output_rule(node))
                .unwrap_or_default();
            let export = export
                .map(|node| build.output_rule(node))
                .unwrap_or_default();
            Some(Foreach {
                item,
                at,
                body,
                output,
                export,
            })
        })
    }

    pub(super) fn switch(&mut self, node: &Node, names: &[&str]) -> Option<TaskKind> {
        let items = self.reader.sequence(node, "`switch`")?;
        if items.is_empty() {
            self.reader.report(
                node.at,
                &codes::MISSING_KEY,
                "`switch` needs at least one case",
            );
        }
        let cases: Vec<Option<Case>> = items
            .iter()
            .map(|item| {
                let (name, node) = self.task_item(item)?;
                let mut fields = self.reader.mapping(node, "a case")?;
                let when = fields
                    .take("when")
                    .map(|node| self.expression(node, "`when`"));
                let then = fields
                    .require(self.reader, "then")
                    .and_then(|node| self.directive(node, names));
                fields.finish(self.reader);
                let when = match when {
                    Some(when) => Some(when?),
                    None => None,
                };
                Some(Case {
                    name: name.to_owned(),
                    when,
                    then: then?,
                })
            })
            .collect();
        cases
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .map(TaskKind::Switch)
    }

    pub(super) fn try_task(
        &mut self,
        fields: &mut Fields<'_>,
        node: &Node,
        reference: &str,
        names: &[&str],
    ) -> Option<TaskKind> {
        let body = self.task_list(node, &format!("{reference}/try"));
        let catch = fields
            .require(self.reader, "catch")
            .and_then(|node| self.catch(node, reference, names));
        Some(TaskKind::Try(Box::new(Try {
            body: body?,
            catch: catch?,
        })))
    }

    fn catch(&mut self, node: &Node, reference: &str, names: &[&str]) -> Option<Catch> {
        let mut fields = self.reader.mapping(node, "`catch`")?;
        let filter = fields
            .take("errors")
            .map(|node| self.error_filter(node))
            .unwrap_or_else(|| Some(Default::default()));
        let name = self.variable_name(fields.take("as"), "`as`", "error");
        let then = fields
            .take("then")
            .and_then(|node| self.directive(node, names));
        let parts = [
            fields.take("when"),
            fields.take("exceptWhen"),
            fields.take("retry"),
            fields.take("do"),
        ];
        fields.finish(self.reader);
        self.with_scope(&[&name.clone()], |build| {
            let [when, except_when, retry, body] = parts;
            let body = match body {
                Some(node) => Some(build.task_list(node, &format!("{reference}/catch/do"))?),
                None => None,
            };
            Some(Catch {
                filter: filter?,
                name,
                when: when.and_then(|node| build.expression(node, "`when`")),
                except_when: except_when.and_then(|node| build.expression(node, "`exceptWhen`")),
                retry: retry.and_then(|node| build.retry(node)),
                body,
                then,
            })
        })
    }
}
