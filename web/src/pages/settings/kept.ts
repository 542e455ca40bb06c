/** What is typed, over what is new: a value that nobody has touched since it was old becomes the fresh one. */
export function kept<V extends object>(old: V, typed: V, fresh: V): V {
  const same = (name: keyof V) => JSON.stringify(typed[name]) === JSON.stringify(old[name])
  return Object.fromEntries(Object.keys(fresh).map((name) => [name, same(name as keyof V) ? fresh[name as keyof V] : typed[name as keyof V]])) as V
}
