"""The words of the pipeline: what flows from stage to stage, all of it frozen."""
