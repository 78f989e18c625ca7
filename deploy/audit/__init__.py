"""Independent audits: each folds a job's input and output topics from the log, and shares no code
with the rules that it judges. What it knows of the rules it knows from the contract alone."""
