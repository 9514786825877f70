"""How the pipeline stands, for Prometheus: a file per part of it, `reading` asks for all."""
