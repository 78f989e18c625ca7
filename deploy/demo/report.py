"""What a demo found, as a person reads it at the end."""

from rich.table import Table

from deploy.audit.fraud.quality import BANDS, LABELS, Quality


def quality_table(quality: Quality) -> Table:
    """How many orders of each kind are in each band; the title has the rates."""
    rates = []
    if quality.catch_rate is not None:
        rates.append(f"{quality.catch_rate:.1%} of the frauds caught")
    if quality.false_positive_rate is not None:
        rates.append(f"{quality.false_positive_rate:.1%} of the honest orders held up")
    if quality.undecided:
        rates.append(f"{quality.undecided:,} orders undecided")
    title = ", ".join(rates) or "no orders of known kind"
    table = Table("fraud band", title=title, title_justify="left")
    for label in LABELS:
        table.add_column(label.lower().replace("_", " "), justify="right")
    for band in BANDS:
        table.add_row(band, *(f"{count:,}" for count in quality.row(band)))
    return table
