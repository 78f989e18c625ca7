"""Checkouts with other code than this one, for jobs to be upgraded to."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from connectors.settings import ROOT
from deploy.release import BESIDES, ROOMS

Edits = Mapping[str, tuple[str, str]]


def changed(target: Path, *changes: Edits) -> Path:
    """A copy of this checkout's code with changes: path -> (text, what its first place becomes)."""
    target.mkdir(exist_ok=True)
    for name in (*ROOMS, *BESIDES):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, target / name)
    for path, (old, new) in (edit for edits in changes for edit in edits.items()):
        text = (target / path).read_text()
        assert old in text, f"{path} has no {old!r} to be changed"
        (target / path).write_text(text.replace(old, new, 1))
    return target


NOTES: Edits = {
    "connectors/schemas/inventory.events.avsc": (
        '"fields": [',
        '"fields": [{"name": "note", "type": ["null", "string"], "default": null},',
    ),
    "udfs/inventory/events.py": (
        "    warehouse_id: Id\n    quantity: Units\n",
        "    warehouse_id: Id\n    quantity: Units\n    note: str | None = None\n",
    ),
    "udfs/inventory/state.py": (
        "    low_stock: bool = False\n",
        "    low_stock: bool = False\n    last_note: str | None = None\n",
    ),
    "udfs/inventory/rules.py": (
        "    step = Step(stock, view, event)\n",
        "    stock.last_note = event.note or stock.last_note\n"
        "    step = Step(stock, view, event)\n",
    ),
    "jobs/states.yaml": (
        "low_stock: bool = default\n",
        "low_stock: bool = default\n              last_note: str | null = default\n",
    ),
}
"""A restock may carry a note, and the sku remembers the last one."""

TOLD: Edits = {
    "udfs/inventory/rules.py": (
        "step.announce(event.reservation_id, reservation, RESERVED)",
        "step.announce(event.reservation_id, reservation, RESERVED, stock.last_note)",
    )
}
"""Besides, a reservation tells it as its reason."""

BROKEN: Edits = {
    "udfs/inventory/rules.py": (
        "    known: Reservation | None = view.children.get(event.reservation_id)\n",
        "    from connectors.errors import ShopstreamError\n"
        '    raise ShopstreamError("this release cannot reserve")\n',
    )
}
"""A rule that stops the job at the first request."""

MOVED: Edits = {
    "jobs/states.yaml": (
        "warehouses: dict[str, Shelf] = default\n              sequence: int = default\n",
        "sequence: int = default\n              warehouses: dict[str, Shelf] = default\n",
    )
}
"""State whose fields have changed places in the same version."""

RAISING: Edits = {
    "udfs/inventory/rules.py": (
        "    known: Reservation | None = view.children.get(event.reservation_id)\n",
        "    known = view.children[event.reservation_id]\n",
    )
}
"""A rule with a mistake: every request becomes a dead letter."""
