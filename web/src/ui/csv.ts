/** A cell that no spreadsheet takes for a formula, as the server's exports write it (internal/listfile). */
export function cell(text: string): string {
  const guarded = /^[\s"']*[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
  return /[",;\r\n\t' ]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}
