import { cpp } from './cpp'
import { csharp } from './csharp'
import { curl } from './curl'
import { go } from './go'
import { javascript } from './javascript'
import { python } from './python'
import type { Language } from './values'

/** Programs that sign a customer in with a license, each whole and ready to run. */
export const languages: Language[] = [go, csharp, cpp, python, javascript, curl]
