/** The beginning of a day where one is, as the API wants it; of none, nothing. */
export const startOfDay = (day: string) => (day ? new Date(`${day}T00:00:00`).toISOString() : undefined)

/** The end of a day, for "until" to include it; also of the days on which clocks change. */
export function endOfDay(day: string) {
  if (!day) return undefined
  const end = new Date(`${day}T00:00:00`)
  end.setDate(end.getDate() + 1)
  return end.toISOString()
}
