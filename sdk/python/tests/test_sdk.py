import json
import unittest
from types import SimpleNamespace

from sagsgang_plugin import Failure, HostError, blobs, cases, commands, context, http, kv, log
from sagsgang_plugin.component import entry_of, function_name, interfaces_of, offers_of, world_of
from sagsgang_plugin.host import call, connect
from sagsgang_plugin.testing import Host


class Component(unittest.TestCase):
    def test_only_what_the_manifest_asks_for_is_imported(self):
        capabilities = {"case-read": True, "case-commands": ["note"], "documents": [], "kv": "1 KiB", "cases": False}
        interfaces = interfaces_of({"capabilities": capabilities})
        self.assertEqual(interfaces, ["log", "context", "commands", "kv"])
        offers = offers_of({"action": [{"name": "a"}]})
        self.assertEqual(world_of(interfaces, offers).count("import sagsgang:plugin/"), 4)
        self.assertNotIn("documents", entry_of(interfaces, offers))
        self.assertEqual(function_name("container-label"), "container_label")

    def test_the_entry_is_a_module(self):
        offers = offers_of({"action": [{"name": "a"}, {"name": "b-c"}], "channel": [{"name": "sms"}], "panel": [{"name": "p"}]})
        compile(entry_of(["log", "context", "http"], offers), "sagsgang_component.py", "exec")
        self.assertEqual(offers["deliver"], {"sms": "sms_deliver"})
        world = world_of([], offers)
        for name in ["describe", "run", "show", "deliver", "receive"]:
            self.assertIn(f"export {name}: func(", world)
        self.assertNotIn("describe", world_of([], offers_of({"panel": [{"name": "p"}]})))


class Errors(unittest.TestCase):
    def tearDown(self):
        connect(None)

    def test_what_is_not_declared_is_denied_in_words(self):
        connect({"context": SimpleNamespace()})
        with self.assertRaises(HostError) as raised:
            kv.get("a")
        self.assertEqual(raised.exception.code, "denied")
        self.assertIn("`kv` is not declared", raised.exception.message)

    def test_the_engine_is_there_while_an_action_runs(self):
        with self.assertRaisesRegex(RuntimeError, "outside an action"):
            log.info("x")

    def test_the_engine_s_errors_keep_their_code_and_others_stay(self):
        def refuse(_):
            error = SimpleNamespace(code="unavailable", message="later", retry_after_ms=5, detail=None)
            raised = Exception()
            raised.value = error
            raise raised

        connect({"cases": SimpleNamespace(read=refuse)})
        with self.assertRaises(HostError) as raised:
            cases.read("1")
        self.assertEqual((raised.exception.code, raised.exception.retry_after_ms), ("unavailable", 5))
        connect({"cases": SimpleNamespace(read=lambda _: 1 / 0)})
        with self.assertRaises(ZeroDivisionError):
            call("cases", "read", "1")


class Engine(unittest.TestCase):
    def test_nothing_is_kept_of_a_failed_call(self):
        host = Host(case={"number": "1"})
        host.answers = [{"status": 201, "headers": {"x-a": "b"}, "body": {"n": 1}}]

        def works(input):
            commands.note(f"{input['a']} {context.case()['number']}")
            kv.set("count", 1)
            answer = http.post_json("https://a.example", {"n": 1})
            return {"file": len(blobs.read(blobs.write("a", "text/plain", "æ"))), "n": answer.json()["n"], "ok": answer.ok}

        def fails(_):
            commands.note("lost")
            kv.set("count", 2)
            cases.read("no")

        self.assertEqual(host.call(works, {"a": 1}), {"file": 2, "n": 1, "ok": True})
        with self.assertRaises(Failure) as raised:
            host.call(fails, {})
        self.assertEqual((raised.exception.advice, raised.exception.code), ("reject", "not-found"))
        self.assertEqual([command["text"] for command in host.commands], ["1 1"])
        self.assertEqual(json.loads(host.kept["count"]), 1)

    def test_what_is_unavailable_is_tried_again(self):
        with self.assertRaises(Failure) as raised:
            Host().call(lambda _: http.get("https://a.example"), {})
        self.assertEqual(raised.exception.advice, "retry")

    def test_a_mistake_stays_a_mistake(self):
        with self.assertRaises(KeyError):
            Host().call(lambda input: input["no"], {})


if __name__ == "__main__":
    unittest.main()
