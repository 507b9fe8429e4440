import { createGuard } from '../guard';
import { Authorities } from './authorities';
import { ChainCompleter } from './chain-completer';

/** Whom Node trusts, and what these publish on the public internet. */
export const defaultChains = (): ChainCompleter => new ChainCompleter(new Authorities(), createGuard([]));
