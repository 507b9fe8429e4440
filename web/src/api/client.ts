export { Everfetch } from '../../../src/client';
