// A further language is such a folder, chosen here. A namespace, not an object: so
// each page loads its own texts, and no visit those of all others.
export * as t from './en'
