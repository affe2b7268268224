import unittest

from plugin import weighing_summary
from sagsgang_plugin.testing import Failure, Host

WEIGHINGS = """tidspunkt;fraktion;kg
2026-11-23 07:10;restaffald;1.240,5
2026-11-23 09:40;papir;310

2026-11-24 07:05;restaffald;1.180
"""


class Summary(unittest.TestCase):
    def test_sums_up_by_fraction(self):
        host = Host(case={"number": "2026-000042"})
        result = host.call(weighing_summary, {"weighings": WEIGHINGS})
        self.assertEqual((result["kilograms"], result["fractions"]), (2730.5, 2))
        self.assertIn("restaffald: 2.420,5 kg", host.commands[1]["text"])
        self.assertEqual(host.documents[0][1].decode(), "fraktion;kg\r\nrestaffald;2.420,5\r\npapir;310\r\n")

    def test_names_the_line_that_cannot_be_read(self):
        for wrong, place in [("a;b", "Linje 1"), (WEIGHINGS + "2026-11-24;papir;tung", "Linje 6"), ("", "Linje 1")]:
            host = Host(case={"number": "2026-000042"})
            with self.assertRaises(Failure) as raised:
                host.call(weighing_summary, {"weighings": wrong})
            self.assertIn(place, raised.exception.message)
            self.assertEqual(host.commands, [])

    def test_needs_a_case(self):
        with self.assertRaises(Failure) as raised:
            Host().call(weighing_summary, {"weighings": WEIGHINGS})
        self.assertEqual(raised.exception.code, "no-case")
