"""`make demo`: made-up platforms deliver and answer, Airflow carries it to the marts, and everything ends again."""
