"""Any stretch of a job's past run again, by the rules of now or by others, and compared."""
