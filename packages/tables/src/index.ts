export type { RowBlockOptions, RowFormat, RowSink, RowSource } from "./api.ts";
export { type CsvOptions, csvCell, readCsv, writeCsv } from "./csv.ts";
export { readJson } from "./json.ts";
export { readTable } from "./read-table.ts";
export { type OpenRowsOptions, openRows } from "./rows/open-rows.ts";
export { RowTrouble } from "./rows/row-trouble.ts";
export { createRowSink, rowFormatOf } from "./sinks/row-sink.ts";
export { WaitingFile } from "./sinks/waiting-file.ts";
export type { TableProblem } from "./table-problem.ts";
