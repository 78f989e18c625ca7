-- The schema registry's own database, beside the project's, as in the local stack.
CREATE DATABASE registry;
