import { cpp } from './cpp'
import { csharp } from './csharp'
import { curl } from './curl'
import { go } from './go'
import { java } from './java'
import { javascript } from './javascript'
import { php } from './php'
import { python } from './python'
import { rust } from './rust'
import type { Language } from './values'

/** Programs that sign a customer in with a license, each whole and ready to run. */
export const languages: Language[] = [go, csharp, cpp, python, javascript, php, java, rust, curl]
