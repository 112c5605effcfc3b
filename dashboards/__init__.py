"""The pages that people see. This room reads the published file and nothing else."""
