throw new TypeError('this file does not load');
