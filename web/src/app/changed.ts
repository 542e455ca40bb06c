/** The same data but for the thing with the id, wherever it stands in it; what does not hold it stays the same object, and is not drawn anew. */
export function changed(data: unknown, id: string, change: object): unknown {
  if (typeof data !== 'object' || data === null) return data
  if ('id' in data && data.id === id) return { ...data, ...change }
  const old: unknown[] = Object.values(data)
  const fresh = old.map((value) => changed(value, id, change))
  if (fresh.every((value, i) => value === old[i])) return data
  return Array.isArray(data) ? fresh : Object.fromEntries(Object.keys(data).map((name, i) => [name, fresh[i]]))
}
