import { en } from './en'

// A further language is an object of the type Strings, chosen here.
export type Strings = typeof en
export const t: Strings = en
