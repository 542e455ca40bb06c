/** An address within the dashboard to go to, "/" for anything that is none: never another site's. */
export function localPath(to: unknown): string {
  if (typeof to !== 'string' || !/^\/(?![/\\])/.test(to) || /[\\\t\n\r]/.test(to)) return '/'
  return to
}
