"""A button on the case page: weighings pasted from the weighbridge are summed up by fraction, noted, and attached as a table."""

import csv
import io
from collections import defaultdict
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sagsgang_plugin import Failure, blobs, commands, context

COLUMNS = ["tidspunkt", "fraktion", "kg"]


def weighing_summary(input: dict) -> dict:
    """Sums up weighings; `input["weighings"]` is a table with `;` between the columns time, fraction and kilograms."""
    case = context.case()
    if case is None:
        raise Failure.reject("no-case", "there is no case to attach the table to")
    totals = _totals(input["weighings"])
    name = f"vejesedler-{case['number']}-{datetime.now():%Y-%m-%d}.csv"
    commands.attach(blobs.write(name, "text/csv", _table(totals)))
    lines = [f"{fraction}: {_written(weight)} kg" for fraction, weight in totals.items()]
    title = context.in_language({"da": "Vejesedler i alt", "en": "Weighings in all"})
    commands.note("\n".join([f"{title}: {_written(sum(totals.values()))} kg", *lines]))
    return {"kilograms": float(sum(totals.values())), "fractions": len(totals), "file": name}


def _totals(text: str) -> dict[str, Decimal]:
    """Kilograms by fraction, the heaviest first."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for number, row in enumerate(csv.reader(io.StringIO(text.strip()), delimiter=";"), start=1):
        row = [cell.strip() for cell in row]
        if not any(row) or [cell.lower() for cell in row] == COLUMNS:
            continue
        if len(row) != len(COLUMNS):
            raise _unreadable(number, {"da": f"der skal stå {'; '.join(COLUMNS)}", "en": "three columns are expected"})
        try:
            weight = Decimal(row[2].replace(".", "").replace(",", "."))
        except InvalidOperation:
            raise _unreadable(number, {"da": f"{row[2]!r} er ikke et tal", "en": f"{row[2]!r} is no number"}) from None
        totals[row[1]] += weight
    if not totals:
        raise _unreadable(1, {"da": "der er ingen vejesedler", "en": "there are no weighings"})
    return dict(sorted(totals.items(), key=lambda entry: -entry[1]))


def _unreadable(line: int, reason: dict[str, str]) -> Failure:
    word = context.in_language({"da": "Linje", "en": "Line"})
    return Failure.reject("unreadable", f"{word} {line}: {context.in_language(reason)}")


def _table(totals: dict[str, Decimal]) -> str:
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(["fraktion", "kg"])
    writer.writerows((fraction, _written(weight)) for fraction, weight in totals.items())
    return table.getvalue()


def _written(weight: Decimal) -> str:
    """As numbers are written in Danish: `1.234,5`."""
    return f"{weight:,f}".translate(str.maketrans(",.", ".,"))
