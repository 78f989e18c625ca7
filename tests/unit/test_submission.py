"""What Flink's client says of the jobs that it was given."""

import os
from pathlib import Path

import pytest

from connectors.errors import ShopstreamError
from connectors.settings import settings
from deploy import submission

ACCEPTED = "Job has been submitted with JobID {}"
FIRST, SECOND = "a" * 32, "b" * 32
JOBS = ("inventory", "orders")


@pytest.fixture
def says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts a client that says so in the place of Flink's."""

    def put(*lines: str) -> None:
        client = tmp_path / "client"
        client.write_text(
            '#!/bin/sh\necho "$@" > "$0.asked"\ncat <<\'END\'\n' + "\n".join(lines) + "\nEND\n"
        )
        client.chmod(0o755)
        monkeypatch.setattr(submission, "client_command", lambda _: [str(client)])
        monkeypatch.setattr(submission, "flink_environment", lambda _: dict(os.environ))

    return put


def submitted(drop_lost_state_of: Path | None = None) -> list[str]:
    program = ["some.module", *JOBS]
    return submission.submit(settings(), JOBS, program, {"a": "1"}, {}, drop_lost_state_of)


def test_each_job_has_its_id(says, tmp_path: Path):
    says(ACCEPTED.format(FIRST), "noise", ACCEPTED.format(SECOND))
    assert submitted() == [FIRST, SECOND]
    asked = (tmp_path / "client.asked").read_text().split()
    assert asked == ["run", "--detached", "-Da=1", "--pyModule", "some.module", *JOBS]


def test_that_state_may_be_lost_is_said_as_the_client_does_not_overwrite_it(says, tmp_path: Path):
    says(ACCEPTED.format(FIRST), ACCEPTED.format(SECOND))
    submitted(drop_lost_state_of=Path("/s"))
    asked = (tmp_path / "client.asked").read_text()
    assert "--fromSavepoint file:///s --allowNonRestoredState --pyModule some.module" in asked


def test_the_first_that_was_not_submitted_is_named_with_the_root_of_its_trouble(says):
    says(
        ACCEPTED.format(FIRST),
        ": org.apache.flink.util.FlinkException: Failed to execute job 'orders'.",
        "\tat org.apache.flink.Somewhere",
        "Caused by: java.util.concurrent.ExecutionException: It failed",
        "Caused by: java.lang.IllegalStateException: Cannot map state",
    )
    with pytest.raises(ShopstreamError) as error:
        submitted()
    assert str(error.value) == (
        "orders could not be submitted: org.apache.flink.util.FlinkException: Failed to execute "
        "job 'orders'. (java.lang.IllegalStateException: Cannot map state)"
    )


@pytest.mark.parametrize("begin", ["Caused by: ", ": org.apache.flink.util.FlinkException: "])
def test_an_option_of_flink_is_told_by_our_name_for_it(says, begin: str):
    says(begin + "State is left over. You can set the --allowNonRestoredState option on the CLI.")
    with pytest.raises(ShopstreamError, match=r"left over.*set the --drop-lost-state option"):
        submitted()


def test_an_error_of_the_program_itself_is_told(says):
    says("Traceback (most recent call last):", "ModuleNotFoundError: No module named 'nowhere'")
    with pytest.raises(
        ShopstreamError, match=r"inventory could not be .*No module named 'nowhere'"
    ):
        submitted()
