"""The suite in containers: what the image is made of, and what runs in it."""
