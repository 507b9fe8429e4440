import { render } from 'preact';
import { App } from './app';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';
import './styles/views.css';
import './styles/job.css';
import './styles/forms.css';
import { applyTheme } from './session/theme';

applyTheme();
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
