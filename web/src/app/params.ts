import { useSearch } from '@tanstack/react-router'

/** One parameter of the address. Who reads it is drawn anew when this one changes, and not with every key of a search. */
export const useParam = (name: string) => useSearch({ strict: false, select: (all) => (all as Record<string, string | undefined>)[name] })
