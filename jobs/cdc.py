"""The cdc job: the shop's tables as reference topics, all SQL in sql/cdc."""

from jobs.sql.runner import run_folder

if __name__ == "__main__":
    run_folder("cdc")
