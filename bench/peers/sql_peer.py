"""DuckDB and Polars on the workloads. usage: sql_peer.py duckdb|polars WORKLOAD DATA_FOLDER THREADS"""
import sys

from measurement import Measurement

engine, workload, data, threads = sys.argv[1:5]


def duckdb_answer():
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"set threads={threads}")
    connection.execute("set preserve_insertion_order=false")
    lines = f"read_csv('{data}/text.txt', columns={{'l':'varchar'}}, delim='\\x01', header=false, quote='', escape='')"
    words = f"select unnest(string_split(l, ' ')) as word from {lines}"
    grouped = {
        "W1": f"select count(*) as n from ({words}) group by word",
        "W2": f"select sum(value) as n from '{data}/kv.csv' group by key",
        "W3": f"select list_sort(list(value))[1 + count(*) // 2] as n from '{data}/kv.csv' group by key",
        "W4": f"select sum(amount) as n from '{data}/users.csv' join '{data}/orders.csv' using (user) group by city",
        "W6": f"select count(*) as n from '{data}/events.csv' group by key, ts // 60000",
    }
    measurement = Measurement()
    measurement.end(*connection.execute(f"select count(*), sum(n) from ({grouped[workload]})").fetchone())


def polars_answer():
    import polars as pl

    def scan(name):
        return pl.scan_csv(f"{data}/{name}.csv")

    def words():
        lines = pl.scan_csv(f"{data}/text.txt", has_header=False, separator="\x01", new_columns=["l"], quote_char=None)
        return lines.select(pl.col("l").str.split(" ").explode())

    grouped = {
        "W1": lambda: words().group_by("l").agg(pl.len().alias("n")),
        "W2": lambda: scan("kv").group_by("key").agg(pl.col("value").sum().alias("n")),
        "W3": lambda: scan("kv").group_by("key").agg(pl.col("value").sort().get(pl.len() // 2).alias("n")),
        "W4": lambda: scan("users")
        .join(scan("orders"), on="user")
        .group_by("city")
        .agg(pl.col("amount").sum().alias("n")),
        "W6": lambda: scan("events").group_by("key", pl.col("ts") // 60000).agg(pl.len().alias("n")),
    }
    measurement = Measurement()
    answer = grouped[workload]().select(pl.len().alias("groups"), pl.col("n").cast(pl.Int64).sum())
    measurement.end(*answer.collect(engine="streaming").row(0))


{"duckdb": duckdb_answer, "polars": polars_answer}[engine]()
