"""The analysts' gate: `shopstream sql check`, in stages: style, planner, meaning, golden tests."""
