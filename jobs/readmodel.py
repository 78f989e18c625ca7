"""The readmodel job: the log's outputs as tables in Postgres, all SQL in sql/readmodel."""

from jobs.sql.runner import run_folder

if __name__ == "__main__":
    run_folder("readmodel")
