import { DatabaseSync } from 'node:sqlite';

const TABLES = {
  counts: '(auction INTEGER, start INTEGER, bids INTEGER, total INTEGER, PRIMARY KEY (auction, start))',
  sales: '(auction INTEGER PRIMARY KEY, bidder INTEGER, price INTEGER)',
  visits: '(bidder INTEGER, start INTEGER, bids INTEGER, PRIMARY KEY (bidder, start))',
} as const;

/** Makes the tables that the program writes to. */
export function makeTables(file: string): void {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL');
  for (const [name, columns] of Object.entries(TABLES)) database.exec(`CREATE TABLE ${name} ${columns}`);
  database.close();
}

/** The rows of each table as text, sorted. */
export function readTables(file: string): Record<string, string[]> {
  const database = new DatabaseSync(file);
  const tables: Record<string, string[]> = {};
  for (const name of Object.keys(TABLES)) {
    const rows = database.prepare(`SELECT * FROM ${name}`).all();
    tables[name] = rows.map((row) => Object.values(row).join(',')).sort();
  }
  database.close();
  return tables;
}
