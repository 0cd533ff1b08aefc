"""`make demo`: two made-up platforms deliver, Airflow carries it to the marts, and everything ends again."""
