/* inner_plug_in - is loaded by freeing_plug_in. */
int inner_plug_in;
