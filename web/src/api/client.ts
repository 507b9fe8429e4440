export { Everfetch } from './http-client';
