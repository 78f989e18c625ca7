"""The clickstream job: features of visitors, customers and skus, all SQL in sql/clickstream."""

from jobs.sql.runner import run_folder

if __name__ == "__main__":
    run_folder("clickstream")
