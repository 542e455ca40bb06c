// What an import says whatever the file is a list of.
export const importing = {
  file: 'File',
  choose: 'Choose a file',
  onError: 'A row that cannot be imported',
  skip: 'is skipped',
  abort: 'ends the import: all or nothing',
  check: 'Check the file',
  checking: 'Checking',
  importing: 'Importing',
  nothing: 'No row of this file can be imported.',
  skipped: 'Skipped',
  warnings: 'To know',
  missing: (names: string) => `This application does not have: ${names}. Create these subscriptions first.`,
  row: (row: string, reason: string) => `Row ${row}: ${reason}`,
  rowOnLine: (row: string, line: string, reason: string) => `Row ${row}, line ${line}: ${reason}`,
  reasons: {
    time_invalid: 'a time cannot be read',
    row_malformed: 'the row is not of the file’s form',
    not_utf8: 'the row is not UTF-8',
  } as Record<string, string>,
}
